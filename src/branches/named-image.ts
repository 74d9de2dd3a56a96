import { fillTemplate } from './pattern.ts';
import type { ReferenceCode } from './references.ts';
import { parseDigest, parseRepository, parseTag, type NamedImage } from '../image-reference.ts';
import type { Position, ValueProblem } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';

/** What a reader found in a text. Places are 1-based; a problem of the text as a whole has none. */
export interface ScannedText {
  readonly found: readonly (NamedImage & { readonly line: number })[];
  readonly problems: readonly (ValueProblem<ReferenceCode> & Partial<Position>)[];
  /** The lines of `ignore` that stand in the text. */
  readonly ignored: readonly string[];
}

/**
 * The image that `text` names by its groups `image`, `tag` and `digest`, and the template of its name. A
 * digest makes a tag beside it mean nothing, as in `docker pull`.
 */
export function namedImage(
  text: string,
  template: string,
  groups: Readonly<Record<string, string | undefined>>,
): NamedImage | ValueProblem<ReferenceCode> {
  const invalid = (value: string, kind: string) => {
    const problem = `${quote(text)} gives ${quote(value)}, which is no ${kind}`;
    return invalidReference(
      problem,
      'correct the reference or the reader, or add the line to ignore',
    );
  };
  const image = fillTemplate(template, groups);
  if (image.includes('/') || parseRepository(image) === undefined) {
    return invalid(image, "image's name");
  }
  const { tag: tagText, digest: digestText } = groups;
  const tag = tagText === undefined ? undefined : parseTag(tagText);
  const digest = digestText === undefined ? undefined : parseDigest(digestText);
  if (digestText !== undefined && digest === undefined) return invalid(digestText, 'digest');
  if (tagText !== undefined && tag === undefined) return invalid(tagText, 'tag');
  return digest === undefined ? { image, tag } : { image, digest };
}

export function invalidReference(problem: string, remedy: string): ValueProblem<ReferenceCode> {
  return { code: 'INVALID_REFERENCE', problem, remedy };
}
