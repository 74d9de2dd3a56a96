import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  type HandlerFn,
} from '@sigstore/mock';
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';

/** A Fulcio and a Rekor on loopback, and the root that trusts both. */
export interface Sigstore {
  readonly fulcio: string;
  readonly rekor: string;
  /** `trusted_root.json`. */
  readonly trustedRoot: string;
  /** Paths and bodies of all requests. */
  readonly requests: readonly { readonly path: string; readonly body: string }[];
  readonly close: () => Promise<void>;
}

/** An unsigned token, as an issuer's has it: this Fulcio believes every one. */
export function tokenOf(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.canary`;
}

export async function startSigstore(): Promise<Sigstore> {
  const [ctKeys, caKeys, logKeys] = [1, 2, 3].map(() =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ) as [Keys, Keys, Keys];
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, ctLog);
  // The log's name, which signs its checkpoints.
  const origin = 'https://rekor.example';
  const tlog = await initializeTLog(origin, logKeys);
  const issue = fulcioHandler(ca, { strict: true }).fn;
  const log: HandlerFn = async (body) => {
    const entry = JSON.stringify(await tlog.log(loggedEntry(body)));
    return { statusCode: 201, response: entry, contentType: 'application/json' };
  };
  const routes: Readonly<Record<string, HandlerFn>> = {
    '/api/v2/signingCert': issue,
    '/api/v1/log/entries': log,
  };
  const requests: { path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const body = Buffer.concat(pieces).toString();
      const path = request.url ?? '';
      requests.push({ path, body });
      const handler = routes[path];
      if (handler === undefined) return response.writeHead(404).end();
      const { statusCode, response: text, contentType } = await handler(body);
      return response
        .writeHead(statusCode, { 'content-type': contentType ?? 'text/plain' })
        .end(text);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const since = { start: new Date(Date.now() - 60_000) };
  const logOf = (publicKey: Buffer) => ({
    baseUrl: origin,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    logId: { keyId: createHash('sha256').update(publicKey).digest() },
    checkpointKeyId: undefined,
    operator: '',
    publicKey: {
      rawBytes: publicKey,
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      validFor: since,
    },
  });
  const root = TrustedRoot.toJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(tlog.publicKey)],
    ctlogs: [logOf(ctLog.publicKey)],
    timestampAuthorities: [],
    certificateAuthorities: [
      {
        subject: { commonName: 'sigstore', organization: 'sigstore.mock' },
        uri: address,
        operator: '',
        certChain: { certificates: [{ rawBytes: Buffer.from(ca.rootCertificate.buffer) }] },
        validFor: since,
      },
    ],
  });
  return {
    fulcio: address,
    rekor: address,
    trustedRoot: JSON.stringify(root),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

type Keys = ReturnType<typeof keys>;
const keys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

interface Proposed {
  readonly spec: {
    readonly proposedContent: { readonly envelope: string; readonly verifiers: [string] };
  };
}

/** What Rekor logs of an envelope: the mock would log the proposal itself. */
function loggedEntry(body: string): object {
  const { proposedContent } = (JSON.parse(body) as Proposed).spec;
  const { envelope, verifiers } = proposedContent;
  const { payload, signatures } = JSON.parse(envelope) as {
    payload: string;
    signatures: [{ sig: string }];
  };
  const hash = (bytes: Buffer | string) => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(bytes).digest('hex'),
  });
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: hash(envelope),
      payloadHash: hash(Buffer.from(payload, 'base64')),
      signatures: [{ signature: signatures[0].sig, verifier: verifiers[0] }],
    },
  };
}
