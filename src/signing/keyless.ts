import { generateKeyPairSync, sign } from 'node:crypto';
import { envelopeToJSON, type Bundle, type TransparencyLogEntry } from '@sigstore/bundle';
import type { Signer as BundleSigner, Witness } from '@sigstore/sign';
import { z } from 'zod';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';
import { parseJson } from '../json.ts';
import { serviceRequest, SigningError } from './signing-error.ts';

export const FULCIO = 'https://fulcio.sigstore.dev';
export const REKOR = 'https://rekor.sigstore.dev';

const LARGEST_RESPONSE = 1_000_000;

const FULCIO_REMEDIES: readonly ResponseRemedy[] = [
  {
    status: /400|401|403/,
    remedy:
      'check that this Fulcio trusts the issuer of the token: the public one knows GitLab.com, GitHub and Google; elsewhere set signingFulcio to your own, or `signing` to a key',
  },
  { status: /./, remedy: 'run again' },
];

const REKOR_REMEDIES: readonly ResponseRemedy[] = [
  { status: /400|404/, remedy: 'set signingRekor to a Rekor of version 1' },
  { status: /./, remedy: 'run again' },
];

/** `SigningCertificate` of Fulcio's API, version 2: the leaf comes first. */
const Chain = z.object({ chain: z.object({ certificates: z.array(z.string()).min(1) }) });
const Certificates = z
  .object({ signedCertificateEmbeddedSct: Chain, signedCertificateDetachedSct: Chain })
  .partial();

/**
 * Signs with a key that is made for one signature, and that Fulcio certifies for the identity of a token. The library's
 * own signer has another HTTP client, and quotes a token that it can't read.
 */
export function fulcioSigner(
  fulcio: string,
  token: () => Promise<string>,
  options: HttpOptions,
): BundleSigner {
  return {
    async sign(data) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const identityToken = await token();
      const subject = subjectOf(identityToken);
      const proof = sign('sha256', Buffer.from(subject), privateKey);
      const content = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const purpose = 'get a certificate for the identity of this run';
      const response = await serviceRequest(
        {
          method: 'POST',
          url: new URL(`${withoutSlash(fulcio)}/api/v2/signingCert`),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            credentials: { oidcIdentityToken: identityToken },
            publicKeyRequest: {
              publicKey: { algorithm: 'ECDSA', content },
              proofOfPossession: proof.toString('base64'),
            },
          }),
          largestBody: LARGEST_RESPONSE,
          purpose,
          service: 'Fulcio',
          secrets: [identityToken],
          remedies: FULCIO_REMEDIES,
        },
        options,
      );
      const { data: found } = Certificates.safeParse(parseJson(response.bytes));
      const { chain } =
        found?.signedCertificateEmbeddedSct ?? found?.signedCertificateDetachedSct ?? {};
      const [certificate] = chain?.certificates ?? [];
      if (certificate === undefined) throw other(purpose, 'Fulcio', 'signingFulcio');
      const signature = sign('sha256', data, privateKey);
      return { signature, key: { $case: 'x509Certificate', certificate } };
    },
  };
}

const Claims = z.object({
  sub: z.string().optional(),
  email: z.string().optional(),
});

/** What Fulcio wants signed as a proof: the mail address of an account, or the subject of a job. */
function subjectOf(token: string): string {
  const [, payload = ''] = token.split('.');
  const { data } = Claims.safeParse(parseJson(Buffer.from(payload, 'base64url')));
  const subject = data?.email ?? data?.sub;
  if (subject !== undefined) return subject;
  throw new SigningError(
    'SIGNING_IDENTITY',
    'the identity token of this run is none (its value is not shown)',
    'have the pipeline give one with the audience sigstore (src/signing/README.md)',
  );
}

/** `LogEntry` of Rekor's API, version 1. */
const Entries = z.record(
  z.string(),
  z.object({
    body: z.base64(),
    integratedTime: z.int(),
    logID: z.hex(),
    logIndex: z.int(),
    verification: z.object({
      signedEntryTimestamp: z.base64(),
      inclusionProof: z.object({
        checkpoint: z.string(),
        hashes: z.array(z.hex()),
        logIndex: z.int(),
        rootHash: z.hex(),
        treeSize: z.int(),
      }),
    }),
  }),
);

const Kind = z.object({ kind: z.string(), apiVersion: z.string() });

/** Puts a signature into the log of a Rekor, which states when it was made. */
export function rekorWitness(rekor: string, options: HttpOptions): Witness {
  const entries = `${withoutSlash(rekor)}/api/v1/log/entries`;
  const shared = {
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    largestBody: LARGEST_RESPONSE,
    purpose: 'put the signature into the log',
    service: 'Rekor',
    secrets: [],
    remedies: REKOR_REMEDIES,
  };
  return {
    async testify(content, certificate) {
      const body = JSON.stringify(proposedEntry(content, certificate));
      const created = await serviceRequest(
        { ...shared, method: 'POST', url: new URL(entries), body, accepts: [409] },
        options,
      );
      // A try whose response was lost has put it there.
      const known = created.status === 409 ? created.headers.get('location') : null;
      const uuid = known?.split('/').at(-1) ?? '';
      const response =
        created.status === 409
          ? await serviceRequest({ ...shared, url: new URL(`${entries}/${uuid}`) }, options)
          : created;
      const entry = entryOf(parseJson(response.bytes));
      if (entry === undefined) throw other(shared.purpose, 'Rekor', 'signingRekor');
      return { tlogEntries: [entry] };
    },
  };
}

function proposedEntry(content: Bundle['content'], certificate: string) {
  if (content.$case !== 'dsseEnvelope') throw new Error('only envelopes are signed');
  const envelope = JSON.stringify(envelopeToJSON(content.dsseEnvelope));
  const verifiers = [Buffer.from(certificate).toString('base64')];
  return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: { envelope, verifiers } } };
}

function entryOf(response: unknown): TransparencyLogEntry | undefined {
  const [entry] = Object.values(Entries.safeParse(response).data ?? {});
  if (entry === undefined) return undefined;
  const canonicalizedBody = Buffer.from(entry.body, 'base64');
  const { data: body } = Kind.safeParse(parseJson(canonicalizedBody));
  if (body === undefined) return undefined;
  const { signedEntryTimestamp, inclusionProof: proof } = entry.verification;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex') },
    integratedTime: String(entry.integratedTime),
    kindVersion: { kind: body.kind, version: body.apiVersion },
    inclusionPromise: { signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64') },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      treeSize: String(proof.treeSize),
      rootHash: Buffer.from(proof.rootHash, 'hex'),
      hashes: proof.hashes.map((hash) => Buffer.from(hash, 'hex')),
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody,
  };
}

function other(purpose: string, service: string, setting: string): SigningError {
  const problem = `could not ${purpose}: ${service} answered something else`;
  return new SigningError('SIGNING_REFUSED', problem, `check the setting ${setting}`);
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}
