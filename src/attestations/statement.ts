import { z } from 'zod';
import type { Digest } from '../image-reference.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** The media type of a statement, as a layer of an attestation manifest, and in a DSSE envelope. */
export const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json';

/** The annotation of a layer that says what its statement is about, as BuildKit has it. */
export const PREDICATE_ANNOTATION = 'in-toto.io/predicate-type';

/** The predicate type of a package list: SPDX, version 2.3 in JSON. */
export const SPDX_TYPE = 'https://spdx.dev/Document';

/** The predicate type of SLSA provenance, version 1. */
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';

/** An image that a statement is about. */
interface Subject {
  /** `registry/repository`, where it was published first; `undefined` for a statement that names none. */
  readonly name: string | undefined;
  /** That of the image for one platform. */
  readonly digest: Digest;
}

/** The bytes of an in-toto statement, version 1. */
export function statement(subject: Subject, predicateType: string, predicate: object): Buffer {
  const [algorithm = '', hash = ''] = subject.digest.split(':');
  return Buffer.from(
    JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [{ name: subject.name, digest: { [algorithm]: hash } }],
      predicateType,
      predicate,
    }),
  );
}

/** In-toto statements of versions 0.1 and 1, which differ in their type only. */
const Statement = z.object({
  _type: z.string().startsWith('https://in-toto.io/Statement/v'),
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
  predicate: z.unknown(),
});

/** The predicate that a statement makes of an image; `undefined` for a statement of another kind, or of another image. */
export function predicateFor(content: unknown, image: Digest, predicateType: string): unknown {
  const found = Statement.safeParse(content).data;
  if (found?.predicateType !== predicateType) return undefined;
  const [algorithm = '', hash] = image.split(':');
  return found.subject.some(({ digest }) => digest[algorithm] === hash)
    ? found.predicate
    : undefined;
}
