import type { Finding } from '../document/finding.ts';
import type { CatalogProblemCode } from './problem-code.ts';

/** A mistake by its path in the catalog. */
export type CatalogFinding = Finding<CatalogProblemCode>;
