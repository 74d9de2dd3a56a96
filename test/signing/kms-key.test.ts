import { createPrivateKey, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyOfKms } from '../../src/signing/kms-key.ts';
import { SigningError } from '../../src/signing/signing-error.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { newKey } from './some-keys.ts';

const VERSION =
  'projects/some-project/locations/europe/keyRings/ci/cryptoKeys/images/cryptoKeyVersions/1';
const token = () => Promise.resolve('canary-token');
const patient = { sleep: () => Promise.resolve() };
const { signal } = new AbortController();

const DATA = Buffer.from('some data');

test('a key of KMS signs by a request with the digest of the data, and stays there', async () => {
  const { pem, signer } = newKey();
  const signature = sign('sha256', DATA, createPrivateKey(pem)).toString('base64');
  const found = { pem: signer.publicKey, algorithm: 'EC_SIGN_P256_SHA256' };
  const { origin, asked } = await scriptedServer(
    { status: 200, body: JSON.stringify(found) },
    { status: 200, body: JSON.stringify({ signature }) },
  );
  const key = await keyOfKms(VERSION, token, { kms: `${origin}/v1/` });
  expect(key.publicKey).toBe(signer.publicKey);
  expect((await key.sign(DATA, signal)).toString('base64')).toBe(signature);
  const lines = asked.map(({ method, url, headers, body }) => {
    return `${method} ${url} ${headers.authorization} ${body}`;
  });
  expect(lines).toEqual([
    `GET /v1/${VERSION}/publicKey Bearer canary-token `,
    `POST /v1/${VERSION}:asymmetricSign Bearer canary-token {"digest":{"sha256":"EweZDmulyhRes16ZGCqb7EZTG8VN32VqYCx4D6AkDe4="}}`,
  ]);
});

test.each([
  [{ status: 403, body: '{"error":"canary-token"}' }, /SIGNING_REFUSED .*cloudkms\.signerVerifier/],
  [{ status: 404, body: '' }, /SIGNING_REFUSED .*`signing`/],
  [{ status: 200, body: '{}' }, /SIGNING_REFUSED .*something else/],
  [
    { status: 200, body: '{"pem":"","algorithm":"RSA_SIGN_PSS_2048_SHA256"}' },
    /SIGNING_KEY .*RSA_SIGN_PSS_2048_SHA256; make one/,
  ],
])('%o is an error that says what to do, and quotes no token', async (line, expected) => {
  const { origin } = await scriptedServer(line);
  const error = await keyOfKms(VERSION, token, { kms: `${origin}/v1/`, ...patient }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SigningError);
  expect(String(error)).toMatch(expected);
  expect(String(error)).not.toContain('canary');
});
