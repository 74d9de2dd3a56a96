import type { Tag } from '../image-reference.ts';
import type { PlannedTag } from '../tag/plan-tags.ts';
import type { Source } from './source.ts';

/** A branch whose images must stay: of a repository that the retention file names as a source. */
export interface SupportedBranch {
  /** The source's name, such as `kubespray`. */
  readonly source: string;
  /** Such as `release-2.31`. */
  readonly branch: string;
  /** 40 hexadecimal digits: what was read. */
  readonly commit: string;
  /** The tag that stands for this branch at each image that it needs. */
  readonly alias: Tag;
}

/** Where a reference is written. */
export interface ReferencePlace {
  /** Path in the source's repository. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** A supported branch's need of an image. A branch that needs several tags of one has several. */
export interface Need {
  readonly branch: SupportedBranch;
  /** The image's name, which need not be in the catalog. */
  readonly image: string;
  /** Absent when the branch names the image alone. */
  readonly tag?: Tag;
  /** In order of file and line; never empty. */
  readonly places: readonly ReferencePlace[];
}

/** What the supported branches need. */
export interface References {
  /** In order of source, the default branch first, then the newest release first. */
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
}

/**
 * Why it can't be said what the supported branches need. With any of them nothing is known, and nothing
 * may change: "nothing found" never means "nothing needed". What is wrong with a branch's own catalog
 * has the catalog's codes. The names are stable.
 */
export type ReferenceCode =
  // The repository
  | 'REPOSITORY_UNREACHABLE'
  | 'SHALLOW_CLONE'
  // Its branches
  | 'NO_SUPPORTED_BRANCH'
  | 'NO_DEFAULT_BRANCH'
  | 'BRANCH_MISSING'
  | 'ALIAS_COLLISION'
  // What they hold
  | 'NO_REFERENCES'
  | 'INVALID_REFERENCE'
  | 'LINE_TOO_LONG'
  | 'BROKEN_LINK'
  | 'FILE_TOO_LARGE'
  | 'NOT_UTF8'
  | 'FILE_NAME_ENCODING';

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

/**
 * The references as they will be once the default branch of this checkout has the catalog at `file`
 * with these tags: what a change of the catalog would do before it is merged. Unchanged where no
 * source reads that catalog from its default branch: a list of branches does not say which one that is,
 * and the first of them may be a release.
 */
export function withCatalog(
  { branches, needs }: References,
  sources: readonly Source[],
  file: string,
  tags: readonly PlannedTag[],
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
  const isReplaced = (need: Need) =>
    need.branch === branch && need.places.every((place) => place.file === file);
  const planned = tags.map(({ name, tag, line }): Need => ({
    branch,
    image: name,
    tag,
    places: [{ file, line }],
  }));
  return { branches, needs: [...planned, ...needs.filter((need) => !isReplaced(need))] };
}
