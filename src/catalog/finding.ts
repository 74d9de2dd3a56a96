import type { Finding as DocumentFinding } from '../yaml/finding.ts';
import type { CatalogProblemCode } from './problem-code.ts';

/** A mistake by its path in the catalog; its line and column are looked up when it is reported. */
export type Finding = DocumentFinding<CatalogProblemCode>;
