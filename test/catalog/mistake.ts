import type { CatalogProblemCode } from '../../src/catalog/problem-code.ts';
import { CATALOG, edited, type Files } from './checkout.ts';

/** What an edit of the valid checkout does to it, as `problemsOf` with `briefly` tells it. */
export interface Mistake {
  readonly code: CatalogProblemCode;
  readonly files: Files;
  readonly told: readonly string[];
}

/** Told once at each of the places. */
export function mistake(code: CatalogProblemCode, files: Files, ...places: string[]): Mistake {
  return { code, files, told: places.map((place) => `${code} ${place}`) };
}

/** One edit of the catalog; the places are those in it, such as `images[0].base 9:11`. */
export function inCatalog(
  code: CatalogProblemCode,
  from: string,
  to: string,
  ...at: string[]
): Mistake {
  const places = at.map((each) => each.replace(/(\S+)$/, `${CATALOG}:$1`));
  return mistake(code, edited(CATALOG, from, to), ...places);
}
