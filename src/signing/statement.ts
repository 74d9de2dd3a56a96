import { z } from 'zod';
import { STATEMENT_TYPE, statement } from '../attestations/statement.ts';
import type { Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';

/** What `cosign sign` of version 3 calls a signature (`CosignSignPredicateType`). */
export const SIGN_TYPE = 'https://sigstore.dev/cosign/sign/v1';

/** An in-toto statement that says of a digest no more than that it is signed, as `cosign sign` writes it. */
export function signStatement(digest: Digest): Buffer {
  return statement({ name: undefined, digest }, SIGN_TYPE, {});
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
