import type { CatalogProblemCode } from '../../src/catalog/problem-code.ts';
import { CATALOG, edited, type Files } from './checkout.ts';

/** What an edit of the valid checkout does to it, as `problemsOf` with `briefly` tells it. */
export interface ExpectedProblem {
  readonly code: CatalogProblemCode;
  readonly files: Files;
  readonly told: readonly string[];
}

/** Told once at each of the places. */
export function expected(
  code: CatalogProblemCode,
  files: Files,
  ...places: string[]
): ExpectedProblem {
  return { code, files, told: places.map((place) => `${code} ${place}`) };
}

/** One edit of the catalog; the places are those in it, such as `images[0].base 9:11`. */
export function inCatalog(
  code: CatalogProblemCode,
  from: string,
  to: string,
  ...at: string[]
): ExpectedProblem {
  const places = at.map((each) => each.replace(/(\S+)$/, `${CATALOG}:$1`));
  return expected(code, edited(CATALOG, from, to), ...places);
}
