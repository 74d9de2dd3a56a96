import type { z } from 'zod';
import { type CatalogProblem, CATALOG_PROBLEM_CODES } from './problem-code.ts';
import { KINDS, type ImageKind } from './image.ts';
import { ENTRIES, Fields } from './schema.ts';
import { checkMapping, isMapping, type DocumentPart } from '../yaml/check-mapping.ts';
import { quote } from '../yaml/wording.ts';

/** A part of the catalog: the keys that hold what they should, and problems about the others. */
export interface CheckedShape {
  readonly fields: Fields;
  /** The keys that are there, also the broken ones; every key when the part is no mapping at all. */
  readonly keys: ReadonlySet<string>;
  readonly problems: readonly CatalogProblem[];
}

/**
 * Checks a part of a catalog against its schema, key by key: a broken key leaves the others usable for
 * the checks that come later. `kind` is that of the image, if the part is one and its kind is known.
 */
export function checkShape(
  schema: z.ZodObject,
  part: DocumentPart,
  kind?: ImageKind,
): CheckedShape {
  const { raw } = part;
  const { issues, problems: found } = checkMapping(schema, part, CATALOG_PROBLEM_CODES);
  const worded = found.map((problem) => inCatalogWords(problem, schema, kind));
  const problems = kind === undefined ? worded : withoutEcho(worded, kind);
  if (!isMapping(raw)) return { fields: {}, keys: new Set(Object.keys(Fields.shape)), problems };

  const broken = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : String(issue.path[0]),
    ),
  );
  const sound = Object.entries(raw).filter(([key]) => !broken.has(key));
  const fields = Fields.parse(Object.fromEntries(sound));
  return { fields, keys: new Set(Object.keys(raw)), problems };
}

/** What the general explanation can't know: that a version is no mere text, and where keys belong. */
function inCatalogWords(
  found: CatalogProblem,
  schema: z.ZodObject,
  kind: ImageKind | undefined,
): CatalogProblem {
  const key = String(found.path.at(-1));
  if (found.code === 'UNQUOTED_VALUE' && key === 'version') {
    return { ...found, code: 'UNQUOTED_VERSION' };
  }
  if (found.code !== 'UNKNOWN_KEY' || kind === undefined) return found;
  const owner = KINDS.find((other) => other !== kind && isOwnKey(key, other));
  if (owner !== undefined) {
    const problem = `${quote(key)} is for a ${owner}, and this is a ${kind}`;
    const remedy = `delete it, or write kind: ${owner} in this entry of images`;
    return { ...found, code: 'KEY_OF_OTHER_KIND', problem, remedy };
  }
  const isBesideVersions = 'versions' in schema.shape && key in ENTRIES[kind].version.shape;
  if (!isBesideVersions) return found;
  return { ...found, remedy: 'move it into an item of versions, or delete versions' };
}

/** Whether images of this kind have the key, and no others. */
function isOwnKey(key: string, kind: ImageKind): boolean {
  return KINDS.every((each) => Object.hasOwn(ENTRIES[each].single.shape, key) === (each === kind));
}

/** A forgotten `kind` makes some keys wrong and others missing: one of the two is enough to say so. */
function withoutEcho(
  problems: readonly CatalogProblem[],
  kind: ImageKind,
): readonly CatalogProblem[] {
  if (!problems.some(({ code }) => code === 'KEY_OF_OTHER_KIND')) return problems;
  return problems.filter(
    ({ code, path }) => code !== 'MISSING_KEY' || !isOwnKey(String(path.at(-1)), kind),
  );
}
