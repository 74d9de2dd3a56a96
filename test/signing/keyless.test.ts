import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseDigest } from '../../src/image-reference.ts';
import { digestSigner } from '../../src/signing/digest-signer.ts';
import { identityToken } from '../../src/signing/identity-token.ts';
import { SigningError } from '../../src/signing/signing-error.ts';
import { parseTrustedRoot } from '../../src/signing/trusted-root.ts';
import { verifyBundle } from '../../src/signing/verify-bundle.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { known } from '../support/fixtures.ts';
import { startSigstore, tokenOf, type Sigstore } from '../support/sigstore.ts';
import { newKey } from './some-keys.ts';

const DIGEST = known(parseDigest(`sha256:${'a'.repeat(64)}`));
const OTHER = known(parseDigest(`sha256:${'b'.repeat(64)}`));
const ISSUER = 'https://gitlab.example.com';
const IDENTITY = 'https://gitlab.example.com/ci/images//.gitlab-ci.yml@refs/heads/main';
const SIGNER = { issuer: ISSUER, identity: IDENTITY };
const TOKEN = tokenOf({ iss: ISSUER, sub: IDENTITY, aud: 'sigstore' });
const { signal } = new AbortController();
const patient = { sleep: () => Promise.resolve() };

let sigstore: Sigstore;
let other: Sigstore;
beforeAll(async () => {
  sigstore = await startSigstore();
  other = await startSigstore();
});
afterAll(async () => {
  await sigstore.close();
  await other.close();
});

const root = (of = sigstore) => parseTrustedRoot(of.trustedRoot, 'trusted_root.json');
const sign = (token = TOKEN, { fulcio, rekor }: Pick<Sigstore, 'fulcio' | 'rekor'> = sigstore) =>
  digestSigner(
    { kind: 'keyless' },
    { env: { SIGSTORE_ID_TOKEN: token }, fulcio, rekor, ...patient },
  ).sign(DIGEST, signal);

describe('a signature by an identity', () => {
  let bundle: Buffer;
  beforeEach(async () => {
    bundle = await sign();
  });

  test('holds for exactly that identity, and has a certificate and an entry of the log', () => {
    expect(verifyBundle(bundle, DIGEST, [newKey().signer, SIGNER], root())).toEqual({
      signer: SIGNER,
    });
    expect(JSON.parse(bundle.toString())).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: expect.any(String) as unknown },
        tlogEntries: [{ kindVersion: { kind: 'dsse', version: '0.0.1' } }],
      },
    });
  });

  test.each([
    ['another branch', { ...SIGNER, identity: IDENTITY.replace('main', 'fork') }],
    ['a part of it', { ...SIGNER, identity: IDENTITY.slice(0, -1) }],
    ['a pattern', { ...SIGNER, identity: '.*' }],
    ['another issuer', { ...SIGNER, issuer: 'https://gitlab.com' }],
  ])('does not hold for %s', (_, signer) => {
    expect(verifyBundle(bundle, DIGEST, [signer], root())).toEqual({
      problem: `it is by ${IDENTITY} (${ISSUER}), who is none of \`signers\``,
    });
  });

  test('does not hold by another root, without any, nor for another image', () => {
    const problem = expect.any(String) as unknown;
    expect(verifyBundle(bundle, DIGEST, [SIGNER], root(other))).toEqual({ problem });
    expect(verifyBundle(bundle, DIGEST, [SIGNER])).toEqual({ problem });
    expect(verifyBundle(bundle, DIGEST, [newKey().signer], root())).toEqual({ problem });
    expect(verifyBundle(bundle, OTHER, [SIGNER], root())).toEqual({ problem });
  });

  test('does not hold without its entry in the log, or with that of another signature', async () => {
    const parsed = (bytes: Buffer) =>
      JSON.parse(bytes.toString()) as { verificationMaterial: { tlogEntries: unknown[] } };
    const another = parsed(await sign());
    for (const tlogEntries of [[], another.verificationMaterial.tlogEntries]) {
      const changed = parsed(bundle);
      changed.verificationMaterial.tlogEntries = tlogEntries;
      const bytes = Buffer.from(JSON.stringify(changed));
      expect(verifyBundle(bytes, DIGEST, [SIGNER], root())).toHaveProperty('problem');
    }
  });
});

test('an account of Google signs by its mail address', async () => {
  const issuer = 'https://accounts.google.com';
  const identity = 'ci@some-project.iam.gserviceaccount.com';
  const bundle = await sign(tokenOf({ iss: issuer, sub: identity, email: identity }));
  expect(verifyBundle(bundle, DIGEST, [{ issuer, identity }], root())).toEqual({
    signer: { issuer, identity },
  });
});

describe('where nothing can be signed, the error quotes no token', () => {
  const failure = async (work: Promise<unknown>) => {
    const error = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SigningError);
    expect(String(error)).not.toContain('canary');
    return String(error);
  };

  test('since the token is none', async () => {
    expect(await failure(sign('canary'))).toMatch(/SIGNING_IDENTITY .*is none/);
  });

  test('since Fulcio refuses it, in words that have it', async () => {
    const { origin } = await scriptedServer({ status: 401, body: `bad token: ${TOKEN}` });
    const refused = sign(TOKEN, { ...sigstore, fulcio: origin });
    expect(await failure(refused)).toMatch(
      /SIGNING_REFUSED .*Fulcio answered 401 .*\*\*\*.*GitLab\.com/,
    );
  });

  test.each(['{}', 'text', '{"signedCertificateEmbeddedSct":{"chain":{"certificates":[]}}}'])(
    'since Fulcio answers %s',
    async (body) => {
      const { origin } = await scriptedServer({ status: 201, body });
      const refused = sign(TOKEN, { ...sigstore, fulcio: origin });
      expect(await failure(refused)).toMatch(/SIGNING_REFUSED .*signingFulcio/);
    },
  );

  test('since Rekor is not there, or answers something else', async () => {
    const away = sign(TOKEN, { ...sigstore, rekor: 'http://127.0.0.1:1' });
    expect(await failure(away)).toMatch(/SIGNING_UNREACHABLE .*log/);
    const { origin } = await scriptedServer({ status: 201, body: '{}' });
    expect(await failure(sign(TOKEN, { ...sigstore, rekor: origin }))).toMatch(/signingRekor/);
  });
});

test('a log that has the signature already gives the entry that it has', async () => {
  const entry = JSON.stringify({ id: 'none' });
  const rekor = await scriptedServer(
    { status: 409, body: '', headers: { location: '/api/v1/log/entries/abc' } },
    { status: 200, body: entry },
  );
  await expect(sign(TOKEN, { ...sigstore, rekor: rekor.origin })).rejects.toThrow(
    /SIGNING_REFUSED/,
  );
  expect(rekor.asked.map(({ url }) => url)).toEqual([
    '/api/v1/log/entries',
    '/api/v1/log/entries/abc',
  ]);
});

describe('the identity token', () => {
  const nobody = { askLibrary: () => Promise.resolve(undefined), askGcloud: () => undefined };

  test("is GitLab's, else GitHub's for the audience, else that of the machine, else gcloud's", async () => {
    const { origin, asked } = await scriptedServer({ status: 200, body: '{"value":"of GitHub"}' });
    const github = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/token?v=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
    };
    expect(await identityToken({ SIGSTORE_ID_TOKEN: 'of GitLab', ...github }, nobody)).toBe(
      'of GitLab',
    );
    expect(await identityToken(github, nobody)).toBe('of GitHub');
    expect(asked[0]).toMatchObject({
      url: '/token?v=1&audience=sigstore',
      headers: { authorization: 'Bearer bearer' },
    });
    const askLibrary = () => Promise.resolve('of the machine');
    expect(await identityToken({}, { ...nobody, askLibrary })).toBe('of the machine');
    expect(await identityToken({}, { ...nobody, askGcloud: () => 'of gcloud' })).toBe('of gcloud');
  });

  test('is missed with what to do', async () => {
    await expect(identityToken({}, nobody)).rejects.toThrow(/^SIGNING_IDENTITY .*id-token: write/);
  });
});

test.each(['', '{}', 'null', '{"tlogs":1}'])('a trusted root of %o is refused', (text) => {
  expect(() => parseTrustedRoot(text, 'root.json')).toThrow(/^TRUSTED_ROOT {2}root\.json /);
});
