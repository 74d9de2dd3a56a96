import type { BranchRecord } from './compare-branches.ts';
import { readerKey, type Source } from './source.ts';
import type { NamedImage } from '../image-reference.ts';
import type { TaggedImage } from '../tag/tag-catalog.ts';

/** A branch whose images must be kept, of a repository that the retention file names as a source. */
export interface SupportedBranch extends BranchRecord {
  /** The source's name, such as `kubespray`. */
  readonly source: string;
  readonly branch: string;
  /** The source's default branch. None of the branches that `only` lists is one. */
  readonly isDefault: boolean;
}

/** A line of a branch's files that names an image, which need not be in the catalog. */
export interface Reference extends NamedImage {
  /** The file's path in the source's repository, and the 1-based number of the line. */
  readonly place: { readonly file: string; readonly line: number };
}

/**
 * One version of an image, or the image alone, as a branch's references name it. The image alone is
 * the tag `latest` on the default branch, the version in `pins` where there is one, and else has neither tag
 * nor digest: the branch is pinned at its first run.
 */
export interface Need extends Omit<Reference, 'place'> {
  readonly branch: SupportedBranch;
  /** Whether the branch names the image alone. */
  readonly isBare: boolean;
  /** In order of file and line; never empty. */
  readonly places: readonly Reference['place'][];
}

/** `image:tag`, `image@digest` or the image alone. */
export function formatVersion({ image, tag, digest }: NamedImage): string {
  if (tag !== undefined) return `${image}:${tag}`;
  return digest === undefined ? image : `${image}@${digest}`;
}

export interface References {
  /** In order of source, the default branch first, then the newest release first. */
  readonly branches: readonly SupportedBranch[];
  /** In order of branch, image and tag. */
  readonly needs: readonly Need[];
}

/** `<source> <branch> <image>` of a line of pins → why the line pins nothing; empty for one that is in order. */
export type PinLines = Readonly<Record<string, string>>;

export interface FoundReferences extends References {
  readonly pinLines: PinLines;
  /** Things that may be mistakes, a line each. */
  readonly warnings: readonly string[];
  /** A line for each source that supports the newest releases: which of them leaves next. */
  readonly outlook: readonly string[];
}

/**
 * Why the needs of the supported branches are unknown, when nothing may change. Problems in a branch's own
 * catalog have the catalog's codes. The names are stable.
 */
export type ReferenceCode =
  | 'REPOSITORY_UNREACHABLE'
  | 'SHALLOW_CLONE'
  | 'CLONE_STALE'
  | 'NO_SUPPORTED_BRANCH'
  | 'NO_DEFAULT_BRANCH'
  | 'BRANCH_MISSING'
  | 'BRANCH_UNLIKELY'
  | 'ALIAS_COLLISION'
  | 'NO_REFERENCES'
  | 'INVALID_REFERENCE'
  | 'YAML_SYNTAX'
  | 'LINE_TOO_LONG'
  | 'BROKEN_LINK'
  | 'FILE_TOO_LARGE'
  | 'NOT_UTF8'
  | 'FILE_NAME_ENCODING';

export type CatalogComparison = ReturnType<typeof compareWithCatalog>;

/**
 * Compares the images that supported branches name with those of the catalog, by name and in order. A
 * catalog, also that of a branch, publishes images; a consumer, which is any other reader, uses them. An image
 * that is not in the catalog is built elsewhere, or lost. One without a consumer may be of no use.
 */
export function compareWithCatalog(
  { branches }: Pick<References, 'branches'>,
  sources: readonly Source[],
  catalogNames: Iterable<string>,
) {
  const known = new Set(catalogNames);
  const catalogReaders = new Set(
    sources.flatMap(({ name, references }) =>
      references.flatMap((reader) => ('catalog' in reader ? `${name} ${readerKey(reader)}` : [])),
    ),
  );
  const catalogs = new Set<string>();
  const consumers = new Set<string>();
  for (const { source, found } of branches) {
    for (const [reader, images] of Object.entries(found)) {
      const names = catalogReaders.has(`${source} ${reader}`) ? catalogs : consumers;
      for (const image of images) names.add(image);
    }
  }
  const without = (names: Set<string>, ...others: readonly Set<string>[]) =>
    [...names].filter((name) => !others.some((other) => other.has(name))).sort();
  return {
    notInCatalog: {
      consumers: without(consumers, known),
      catalogs: without(catalogs, known, consumers),
    },
    /** Images of the catalog that no consumer references. */
    notReferenced: without(known, consumers),
  };
}

/**
 * The references as if the default branch of this checkout had the catalog at `file` with these tags, which
 * shows the effect of a change of the catalog before it is merged. Unchanged where no source reads that
 * catalog from its default branch; a list of branches (`only`) does not say which one that is.
 */
export function withCatalog(
  { branches, needs }: References,
  sources: readonly Source[],
  file: string,
  tags: readonly Pick<TaggedImage, 'name' | 'tag' | 'line'>[],
): References {
  const own = sources.find(
    ({ repository, branches: rule, references }) =>
      repository === '.' &&
      !('only' in rule) &&
      references.some((reader) => 'catalog' in reader && reader.catalog === file),
  );
  // References have a source's default branch first.
  const branch = branches.find(({ source }) => source === own?.name);
  if (branch === undefined) return { branches, needs };
  const planned = tags.map(({ name, tag, line }): Need => {
    return { branch, image: name, tag, isBare: false, places: [{ file, line }] };
  });
  const others = needs.filter(
    (need) => need.branch !== branch || need.places.some((place) => place.file !== file),
  );
  return { branches, needs: [...planned, ...others] };
}
