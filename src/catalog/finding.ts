import type { DocumentPath } from '../document/document-path.ts';
import type { CatalogProblemCode } from './problem-code.ts';

/** As many mistakes as are looked for: far more than are printed, and still found in no time. */
export const MAX_FINDINGS = 1000;

/** A mistake by its path in the catalog; its line and column are looked up when it is reported. */
export interface Finding {
  readonly code: CatalogProblemCode;
  readonly path: DocumentPath;
  readonly problem: string;
  readonly remedy: string;
  /** Points at the key instead of its value. */
  readonly atKey?: true;
}
