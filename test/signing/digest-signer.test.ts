import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDigest } from '../../src/image-reference.ts';
import { digestSigner } from '../../src/signing/digest-signer.ts';
import { SigningError } from '../../src/signing/signing-error.ts';
import { describeSigner, verifyBundle } from '../../src/signing/verify-bundle.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { known } from '../support/fixtures.ts';
import { newKey } from './some-keys.ts';

const DIGEST = known(parseDigest(`sha256:${'a'.repeat(64)}`));
const OTHER = known(parseDigest(`sha256:${'b'.repeat(64)}`));
const { signal } = new AbortController();

function fileOf(pem: string): string {
  const path = join(temporaryFolder(), 'signing.key');
  writeFileSync(path, pem, { mode: 0o600 });
  return path;
}

const bundleWith = (pem: string, digest = DIGEST, env = {}) =>
  digestSigner({ kind: 'file', path: fileOf(pem) }, { env }).sign(digest, signal);

describe('a key file', () => {
  test('signs a digest, so that its public key alone shows it', async () => {
    const { pem, signer } = newKey();
    const bundle = await bundleWith(pem);
    expect(verifyBundle(bundle, DIGEST, [newKey().signer, signer])).toEqual({ signer });
    const content = JSON.parse(bundle.toString()) as object;
    // cosign accepts no signature of a key with a name.
    expect(content).not.toHaveProperty('dsseEnvelope.signatures.0.keyid');
    expect(content).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      dsseEnvelope: {
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: expect.any(String) as unknown }],
      },
      verificationMaterial: { publicKey: { hint: expect.stringMatching(/=$/) as unknown } },
    });
  });

  test('shows by the statement that cosign writes', async () => {
    const { dsseEnvelope } = JSON.parse((await bundleWith(newKey().pem)).toString()) as {
      dsseEnvelope: { payload: string };
    };
    expect(JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: 'a'.repeat(64) } }],
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    });
  });

  test('may be encrypted, with its passphrase in a variable', async () => {
    const { pem, signer } = newKey('canary-passphrase');
    const env = { IMAGES_SIGNING_PASSPHRASE: 'canary-passphrase' };
    expect(verifyBundle(await bundleWith(pem, DIGEST, env), DIGEST, [signer])).toEqual({ signer });
  });

  test('may be what openssl makes, in each of its formats', async () => {
    const made = execFileSync('openssl', [
      ...['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-aes-256-cbc', '-pass', 'pass:some'],
    ]).toString();
    const env = { IMAGES_SIGNING_PASSPHRASE: 'some' };
    const opened = digestSigner({ kind: 'file', path: fileOf(made) }, { env });
    await expect(opened.sign(DIGEST, signal)).resolves.toBeInstanceOf(Buffer);
    const traditional = execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey']);
    await expect(bundleWith(traditional.toString())).resolves.toBeInstanceOf(Buffer);
  });

  test('may be in a variable, or named by it', async () => {
    const { pem, signer } = newKey();
    for (const value of [pem, fileOf(pem)]) {
      const opened = digestSigner({ kind: 'variable', name: 'KEY' }, { env: { KEY: value } });
      expect(await opened.among([signer, newKey().signer])).toEqual([signer]);
      expect(verifyBundle(await opened.sign(DIGEST, signal), DIGEST, [signer])).toEqual({ signer });
    }
  });

  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const encrypted = newKey('canary-passphrase').pem;
  test.each([
    ['of another curve', p384.export({ type: 'pkcs8', format: 'pem' }).toString(), {}],
    ['that is none', 'canary', {}],
    ['without its passphrase', encrypted, {}],
    ['with a wrong passphrase', encrypted, { IMAGES_SIGNING_PASSPHRASE: 'canary-wrong' }],
    ['of cosign', '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\ncanary\n', {}],
    ['cut off', newKey().pem.slice(0, 100), {}],
    ['that is public', newKey().signer.publicKey, {}],
  ])('%s is an error that quotes nothing of it', async (_, pem, env) => {
    const error = await bundleWith(pem, DIGEST, env).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SigningError);
    expect(error).toMatchObject({ code: 'SIGNING_KEY' });
    expect(String(error)).not.toMatch(/canary/);
  });

  test('that is missing is an error, also in a variable, whose value is not shown', async () => {
    const at = (name: 'file' | 'variable', env = {}) => {
      const where =
        name === 'file'
          ? ({ kind: name, path: '/none/key' } as const)
          : ({ kind: name, name: 'KEY' } as const);
      return digestSigner(where, { env }).sign(DIGEST, signal);
    };
    await expect(at('file')).rejects.toThrow(
      /^SIGNING_KEY {2}the key file \/none\/key is not there/,
    );
    await expect(at('variable')).rejects.toThrow(/^SIGNING_KEY {2}the variable KEY .* not set/);
    const error = await at('variable', { KEY: 'canary' }).catch(String);
    expect(error).toMatch(/SIGNING_KEY/);
    expect(error).not.toMatch(/canary/);
  });
});

describe('a bundle is refused', () => {
  const { pem, signer } = newKey();
  const problemOf = (bytes: Uint8Array, digest = DIGEST, signers = [signer]) =>
    verifyBundle(bytes, digest, signers);

  test('by another key', async () => {
    expect(problemOf(await bundleWith(pem), DIGEST, [newKey().signer])).toMatchObject({
      problem: expect.stringMatching(/no key/) as unknown,
    });
    expect(problemOf(await bundleWith(pem), DIGEST, [])).toHaveProperty('problem');
  });

  test('for another image', async () => {
    expect(problemOf(await bundleWith(pem, OTHER))).toEqual({
      problem: 'it is no signature of this digest',
    });
  });

  test('with any byte of its envelope flipped', async () => {
    const bundle = JSON.parse((await bundleWith(pem)).toString()) as {
      dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
    };
    const { dsseEnvelope } = bundle;
    const flipped = (text: string, at: number) => {
      const bytes = Buffer.from(text, 'base64');
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    const [{ sig } = { sig: '' }] = dsseEnvelope.signatures;
    const envelopes = [
      ...Array.from(Buffer.from(dsseEnvelope.payload, 'base64'), (_, at) => ({
        ...dsseEnvelope,
        payload: flipped(dsseEnvelope.payload, at),
      })),
      ...Array.from(Buffer.from(sig, 'base64'), (_, at) => ({
        ...dsseEnvelope,
        signatures: [{ sig: flipped(sig, at), keyid: '' }],
      })),
      { ...dsseEnvelope, payloadType: 'application/vnd.in-toto+jsoN' },
      { ...dsseEnvelope, signatures: [] },
    ];
    for (const changed of envelopes) {
      const bytes = Buffer.from(JSON.stringify({ ...bundle, dsseEnvelope: changed }));
      expect(problemOf(bytes)).toHaveProperty('problem');
    }
  });

  test.each(['', '{}', 'null', '[]', '"text"', '{"mediaType":1}'])('that is %o', (text) => {
    expect(problemOf(Buffer.from(text))).toHaveProperty('problem');
  });
});

test('a key is described as openssl can', () => {
  const { signer } = newKey();
  const der = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'DER'], {
    input: signer.publicKey,
  });
  const [sum] = execFileSync('sha256sum', { input: der }).toString().split(' ');
  expect(describeSigner(signer)).toBe(`the key sha256:${sum}`);
});
