import type { Problem } from '../problem.ts';
import { formatDocumentPath } from './document-path.ts';
import type { DocumentPath } from './document-path.ts';
import type { Flaw } from './value-rule.ts';
import type { YamlDocument } from './yaml-document.ts';

/** As many mistakes as are looked for: far more than are printed, and still found in no time. */
export const MAX_FINDINGS = 1000;

/** A mistake by its path in a document; its line and column are looked up when it is reported. */
export interface Finding<Code extends string> extends Flaw<Code> {
  readonly path: DocumentPath;
  /** Points at the key instead of its value. */
  readonly atKey?: true;
}

/** A finding as a problem at its place in `file`, which is a path relative to the checkout. */
export function placeFinding(
  { code, path, problem, remedy, atKey }: Finding<string>,
  document: YamlDocument,
  file: string,
): Problem {
  const place = document.placeOf(path, atKey);
  return { code, file, ...place, path: formatDocumentPath(path), problem, remedy };
}
