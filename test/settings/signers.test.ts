import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseSigningKey } from '../../src/settings/settings.ts';
import { newKey } from '../signing/some-keys.ts';
import { codesOf, someSettings } from './some-settings.ts';

const { pem, signer: KEY } = newKey();
const PIPELINE = {
  issuer: 'https://gitlab.com',
  identity: 'https://gitlab.com/ci/images//.gitlab-ci.yml@refs/heads/main',
};
const KMS =
  'gcpkms://projects/some-project/locations/europe/keyRings/ci/cryptoKeys/images/cryptoKeyVersions/1';

test('nothing is signed by default, and nobody is asked for a signature', () => {
  expect(someSettings()).toMatchObject({ signing: undefined, signers: [], adopt: 'labelled' });
});

test('they come as a list from a file, and as JSON from the engine, each key in its normal form', () => {
  const written = { publicKey: `\n${KEY.publicKey.replaceAll('\n', '\r\n')}\n` };
  for (const signers of [[written, PIPELINE], JSON.stringify([written, PIPELINE])]) {
    expect(someSettings({ signers }).signers).toEqual([KEY, PIPELINE]);
  }
});

test.each([
  ['keyless', [PIPELINE], { kind: 'keyless' }],
  [KMS, [KEY], { kind: 'kms', version: KMS.slice('gcpkms://'.length) }],
  ['env://SIGNING_KEY', [KEY], { kind: 'variable', name: 'SIGNING_KEY' }],
  ['/etc/ci/signing.key', [KEY], { kind: 'file', path: '/etc/ci/signing.key' }],
  ['.sandbox/signing.key', [KEY], { kind: 'file', path: '.sandbox/signing.key' }],
])('%s says what signs', (signing, signers, expected) => {
  expect(parseSigningKey(someSettings({ signing, signers }).signing ?? '')).toEqual(expected);
});

const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const pemOf = (key: typeof p384) => key.export({ type: 'spki', format: 'pem' }).toString();

describe('problems', () => {
  test.each<[string, unknown, string]>([
    ['a private key', { publicKey: pem }, 'INVALID_SETTING signers[0].publicKey'],
    ['a key of another curve', { publicKey: pemOf(p384) }, 'INVALID_SETTING signers[0].publicKey'],
    ['an RSA key', { publicKey: pemOf(rsa) }, 'INVALID_SETTING signers[0].publicKey'],
    ['a path', { publicKey: 'config/signing.pub' }, 'INVALID_SETTING signers[0].publicKey'],
    ['an issuer alone', { issuer: PIPELINE.issuer }, 'MISSING_SETTING signers[0]'],
    ['nobody', {}, 'MISSING_SETTING signers[0]'],
    ['both', { ...KEY, ...PIPELINE }, 'CONFLICTING_SETTINGS signers[0]'],
    ['a plain issuer', { ...PIPELINE, issuer: 'http://a' }, 'INVALID_SETTING signers[0].issuer'],
    ['an unknown key', { key: 'k' }, 'UNKNOWN_SETTING signers[0].key'],
    ['a text', KEY.publicKey, 'INVALID_SETTING signers[0]'],
  ])('%s', (_, signer, expected) => {
    expect(codesOf({ signers: [signer] })).toEqual([expected]);
  });

  test.each([
    pem,
    pem.split('\n')[0],
    'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k',
    'awskms:///alias/k',
    'https://example.com/key',
    'env://A B',
    '~/signing.key',
  ])('%j does not say what signs', (signing) => {
    expect(codesOf({ signing, signers: [KEY] })).toEqual(['INVALID_SETTING signing']);
  });

  test.each<[Readonly<Record<string, unknown>>, readonly string[]]>([
    [{ signing: 'keyless' }, ['MISSING_SETTING signers']],
    [{ signing: '/etc/key' }, ['MISSING_SETTING signers']],
    [{ adopt: 'signed' }, ['MISSING_SETTING signers']],
    [{ signing: 'keyless', signers: [KEY] }, ['MISSING_SETTING signers']],
    [
      { signingFulcio: 'https://fulcio.example.com' },
      ['MISSING_SETTING signingRekor', 'MISSING_SETTING signingTrustedRoot'],
    ],
    [{ signingFulcio: 'http://example.com' }, ['INVALID_SETTING signingFulcio']],
    [{ signingRekor: 'https://a:b@example.com' }, ['INVALID_SETTING signingRekor']],
    [{ signingTrustedRoot: '/etc/root.json' }, ['INVALID_SETTING signingTrustedRoot']],
    [{ adopt: 'all' }, ['INVALID_SETTING adopt']],
  ])('%j', (changed, expected) => {
    expect(codesOf(changed)).toEqual(expected);
  });
});
