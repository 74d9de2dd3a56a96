import type { References } from './references.ts';

/** What does not fit together. Both lists are ordered, each name once. */
export interface CatalogComparison {
  /** Images that a supported branch references and the catalog does not have: built elsewhere, or lost. */
  readonly notInCatalog: readonly string[];
  /** Images of the catalog that no supported branch references: kept by nothing but their age. */
  readonly notReferenced: readonly string[];
}

/** Compares what is referenced with the images of the checkout's catalog, by name. */
export function compareWithCatalog(
  { needs }: Pick<References, 'needs'>,
  catalogNames: Iterable<string>,
): CatalogComparison {
  const known = new Set(catalogNames);
  const referenced = new Set(needs.map(({ image }) => image));
  return {
    notInCatalog: [...referenced].filter((name) => !known.has(name)).sort(),
    notReferenced: [...known].filter((name) => !referenced.has(name)).sort(),
  };
}
