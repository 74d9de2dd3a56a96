import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';
import { parseJson } from '../json.ts';
import { normalPublicKey } from '../settings/signers.ts';
import type { HeldKey } from './held-key.ts';
import { serviceRequest, SigningError } from './signing-error.ts';

const KMS = 'https://cloudkms.googleapis.com/v1/';

const LARGEST_RESPONSE = 100_000;

const REMEDIES: readonly ResponseRemedy[] = [
  { status: /401/, remedy: 'log in anew: an access token ends within the hour' },
  {
    status: /403/,
    says: /has not been used in project|SERVICE_DISABLED/,
    remedy: 'enable cloudkms.googleapis.com in the project of the key, and wait a few minutes',
  },
  {
    status: /403/,
    remedy: 'grant the account of this run roles/cloudkms.signerVerifier on the key',
  },
  { status: /400|404/, remedy: 'correct the setting `signing`, or enable this version of the key' },
  { status: /429|5../, remedy: 'run again' },
  { status: /./, remedy: 'see what it says there' },
];

const PublicKey = z.object({ pem: z.string(), algorithm: z.string() });
const Signature = z.object({ signature: z.base64() });

/**
 * A key of Google's KMS, by the name of its version (`projects.locations.keyRings.cryptoKeys.cryptoKeyVersions`,
 * methods `getPublicKey` and `asymmetricSign`). The private key stays there. Throws a SigningError.
 */
export async function keyOfKms(
  version: string,
  accessToken: () => Promise<string>,
  { kms = KMS, ...options }: HttpOptions & { readonly kms?: string } = {},
): Promise<HeldKey> {
  async function request<Value>(
    schema: z.ZodType<Value>,
    method: 'GET' | 'POST',
    path: string,
    purpose: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Value> {
    const token = await accessToken();
    const response = await serviceRequest(
      {
        method,
        url: new URL(`${kms}${version}${path}`),
        authorization: `Bearer ${token}`,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
        largestBody: LARGEST_RESPONSE,
        purpose,
        service: "Google's KMS",
        secrets: [token],
        remedies: REMEDIES,
      },
      { ...options, signal: signal ?? options.signal },
    );
    const { data } = schema.safeParse(parseJson(response.bytes));
    if (data !== undefined) return data;
    throw new SigningError(
      'SIGNING_REFUSED',
      `could not ${purpose}: Google's KMS answered something else`,
      'check that no proxy answers in its place',
    );
  }

  const found = await request(PublicKey, 'GET', '/publicKey', `read the public key of ${version}`);
  const publicKey = normalPublicKey(found.pem);
  if (publicKey === undefined || found.algorithm !== 'EC_SIGN_P256_SHA256') {
    throw new SigningError(
      'SIGNING_KEY',
      `${version} is a key for ${found.algorithm}`,
      'make one with `gcloud kms keys create --purpose asymmetric-signing --default-algorithm ec-sign-p256-sha256`',
    );
  }
  return {
    publicKey,
    async sign(data, signal) {
      const digest = { sha256: createHash('sha256').update(data).digest('base64') };
      const purpose = `sign with ${version}`;
      const body = { digest };
      const signed = await request(Signature, 'POST', ':asymmetricSign', purpose, body, signal);
      return Buffer.from(signed.signature, 'base64');
    },
  };
}
