import { z } from 'zod';
import type { Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';

/** Media type of an in-toto statement in a DSSE envelope. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** What `cosign sign` of version 3 calls a signature (`CosignSignPredicateType`). */
export const SIGN_TYPE = 'https://sigstore.dev/cosign/sign/v1';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** An in-toto statement that says of a digest no more than that it is signed, as `cosign sign` writes it. */
export function signStatement(digest: Digest): Buffer {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ digest: { sha256: hexOf(digest) } }],
    predicateType: SIGN_TYPE,
    predicate: {},
  };
  return Buffer.from(JSON.stringify(statement));
}

const Statement = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })),
  predicateType: z.literal(SIGN_TYPE),
});

/** Whether a payload is a signature of the digest. Attestations that somebody has signed are none. */
export function isSignStatement(payload: Uint8Array, digest: Digest): boolean {
  const { data } = Statement.safeParse(parseJson(payload));
  return data?.subject.some((one) => one.digest['sha256'] === hexOf(digest)) ?? false;
}

function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
