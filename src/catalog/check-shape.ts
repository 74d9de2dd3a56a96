import type { z } from 'zod';
import { type CatalogProblem, CATALOG_PROBLEM_CODES } from './problem-code.ts';
import { KINDS, type ImageKind } from './image.ts';
import { ENTRIES, Fields, SEVERAL_DISKS } from './schema.ts';
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
  const { raw, path } = part;
  const { issues, problems: found } = checkMapping(schema, part, CATALOG_PROBLEM_CODES);
  const worded = found.map((problem) =>
    // A key of a mapping inside is none of an image.
    problem.path.length > path.length + 1 ? problem : inCatalogWords(problem, schema, kind),
  );
  const problems = kind === undefined ? worded : withoutEcho(worded, kind);
  if (!isMapping(raw)) return { fields: {}, keys: new Set(Object.keys(Fields.shape)), problems };

  const broken = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [...issue.path, key])
      : [issue.path],
  );
  const fields = Fields.parse(withoutBroken(raw, broken));
  return { fields, keys: new Set(Object.keys(raw)), problems };
}

/** The mapping without the values at these paths. */
function withoutBroken(
  raw: Readonly<Record<string, unknown>>,
  broken: readonly (readonly PropertyKey[])[],
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(raw).flatMap(([key, value]): [string, unknown][] => {
    const below = broken.flatMap(([first, ...rest]) => (String(first) === key ? [rest] : []));
    if (below.length === 0) return [[key, value]];
    if (!isMapping(value) || below.some(({ length }) => length === 0)) return [];
    return [[key, withoutBroken(value, below)]];
  });
  return Object.fromEntries(entries);
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
  if ('disks' in schema.shape && ['url', 'checksum', 'platform'].includes(key)) {
    const remedy = 'write it below a platform of disks, or delete disks';
    return { ...found, problem: `${quote(key)} is beside disks`, remedy };
  }
  if (kind === 'vm-disk' && key === 'platforms') {
    const remedy = 'write disks: {linux/amd64: {url: ..., checksum: ...}, linux/arm64: ...}';
    return { ...found, problem: 'a vm-disk has a disk for each of its platforms', remedy };
  }
  const owners = KINDS.filter((other) => Object.hasOwn(SHAPES[other], key));
  if (owners.length > 0 && !owners.includes(kind)) {
    const problem = `${quote(key)} is for a ${owners.join(' or a ')}, and this is a ${kind}`;
    const remedy = `delete it, or write kind: ${owners.join(' or ')} in this entry of images`;
    return { ...found, code: 'KEY_OF_OTHER_KIND', problem, remedy };
  }
  const isOfVersion = key in ENTRIES[kind].version.shape || key === 'disks';
  const isBesideVersions = 'versions' in schema.shape && isOfVersion;
  if (!isBesideVersions) return found;
  return { ...found, remedy: 'move it into an item of versions, or delete versions' };
}

/** The keys of each kind; those of a VM disk for one platform and for several. */
const SHAPES = {
  container: ENTRIES.container.single.shape,
  'vm-disk': { ...ENTRIES['vm-disk'].single.shape, ...SEVERAL_DISKS.single.shape },
  copy: ENTRIES.copy.single.shape,
} as const satisfies Record<ImageKind, object>;

/** Whether images of this kind have the key, and no others. */
function isOwnKey(key: string, kind: ImageKind): boolean {
  return KINDS.every((each) => Object.hasOwn(SHAPES[each], key) === (each === kind));
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
