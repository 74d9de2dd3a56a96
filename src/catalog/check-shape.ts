import type { z } from 'zod';
import { type DocumentPath, MAX_PROBLEMS } from '../yaml/document-problem.ts';
import { explainIssues, isMapping } from '../yaml/explain-issues.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';
import { type CatalogProblem, CATALOG_PROBLEM_CODES } from './problem-code.ts';
import { OWN_KEYS, otherOwner, type Kind } from './image.ts';
import { ENTRIES, Fields } from './schema.ts';
import { quote } from '../yaml/wording.ts';

/** A part of the catalog: the keys that hold what they should, and problems about the others. */
export interface CheckedShape {
  readonly fields: Fields;
  /** Keys that are there and wrong; all of them when the part is no mapping at all. */
  isBroken(key: string): boolean;
  readonly problems: readonly CatalogProblem[];
}

/**
 * Checks the part of a catalog at `path` against its schema, key by key: what is wrong with one key
 * leaves the others usable for the checks that come later. `kind` is what the image is, if it is one
 * and that is known.
 */
export function checkShape(
  schema: z.ZodObject,
  raw: unknown,
  path: DocumentPath,
  sourceOf: YamlDocument['sourceOf'],
  kind?: Kind,
): CheckedShape {
  const result = schema.safeParse(raw);
  const issues = result.error?.issues ?? [];
  const examined = issues.slice(0, MAX_PROBLEMS);
  const explained = explainIssues(examined, { raw, path, sourceOf }, schema, CATALOG_PROBLEM_CODES)
    .slice(0, MAX_PROBLEMS)
    .map((found) => inCatalogWords(found, schema, kind));
  const problems = kind === undefined ? explained : withoutEcho(explained, kind);
  if (!isMapping(raw)) return { fields: {}, isBroken: () => true, problems };

  const broken = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : String(issue.path[0]),
    ),
  );
  const sound = Object.entries(raw).filter(([key]) => !broken.has(key));
  const isBroken = (key: string) => Object.hasOwn(raw, key) && broken.has(key);
  return { fields: Fields.parse(Object.fromEntries(sound)), isBroken, problems };
}

/** What the general explanation can't know: that a version is no mere text, and where keys belong. */
function inCatalogWords(
  found: CatalogProblem,
  schema: z.ZodObject,
  kind: Kind | undefined,
): CatalogProblem {
  const key = String(found.path.at(-1));
  if (found.code === 'UNQUOTED_VALUE' && key === 'version') {
    return { ...found, code: 'UNQUOTED_VERSION' };
  }
  if (found.code !== 'UNKNOWN_KEY' || kind === undefined) return found;
  const owner = otherOwner(key, kind);
  if (owner !== undefined) {
    const problem = `${quote(key)} is for a ${owner}, and this is a ${kind}`;
    const remedy = `delete it, or write kind: ${owner} in this entry of images`;
    return { ...found, code: 'KEY_OF_OTHER_KIND', problem, remedy };
  }
  const isBesideVersions = 'versions' in schema.shape && key in ENTRIES[kind].version.shape;
  if (!isBesideVersions) return found;
  return { ...found, remedy: 'move it into an item of versions, or delete versions' };
}

/** A forgotten `kind` makes some keys wrong and others missing: one of the two is enough to say so. */
function withoutEcho(problems: readonly CatalogProblem[], kind: Kind): readonly CatalogProblem[] {
  if (!problems.some(({ code }) => code === 'KEY_OF_OTHER_KIND')) return problems;
  const own: readonly string[] = OWN_KEYS[kind];
  return problems.filter(
    ({ code, path }) => code !== 'MISSING_KEY' || !own.includes(String(path.at(-1))),
  );
}
