import type { Tag } from '../image-reference.ts';
import type { PlannedTag } from '../tag/tag-catalog.ts';
import type { Source } from './source.ts';

/** A branch whose images must be kept, of a repository that the retention file names as a source. */
export interface SupportedBranch {
  /** The source's name, such as `kubespray`. */
  readonly source: string;
  /** Such as `release-2.31`. */
  readonly branch: string;
  /** The commit that was read: 40 hexadecimal digits. */
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

/** A supported branch's need of an image. A branch that names several tags of an image has several. */
export interface Need {
  readonly branch: SupportedBranch;
  /** The image's name, which need not be in the catalog. */
  readonly image: string;
  /** Absent when the branch names the image without a tag. */
  readonly tag?: Tag;
  /** In order of file and line; never empty. */
  readonly places: readonly ReferencePlace[];
}

/** The needs of all supported branches. */
export interface References {
  /** In order of source, the default branch first, then the newest release first. */
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
}

/**
 * Why the needs of the supported branches are unknown. Nothing may change then: "nothing found" never
 * means "nothing needed". Problems in a branch's own catalog have the catalog's codes. The names are
 * stable.
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
  // Their files
  | 'NO_REFERENCES'
  | 'INVALID_REFERENCE'
  | 'LINE_TOO_LONG'
  | 'BROKEN_LINK'
  | 'FILE_TOO_LARGE'
  | 'NOT_UTF8'
  | 'FILE_NAME_ENCODING';

/** The differences between references and catalog. Both lists are ordered, each name once. */
export interface CatalogComparison {
  /** Images that a supported branch references and the catalog does not have: built elsewhere, or lost. */
  readonly notInCatalog: readonly string[];
  /** Images of the catalog that no supported branch references: only their age keeps them. */
  readonly notReferenced: readonly string[];
}

/** Compares the references with the images of the checkout's catalog, by name. */
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
 * The references as if the default branch of this checkout had the catalog at `file` with these tags:
 * they show the effect of a change of the catalog before it is merged. References are unchanged where no
 * source reads that catalog from its default branch. A list of branches (`only`) does not say which of
 * them is the default branch, and the first may be a release.
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
  const planned = tags.map(({ name, tag, line }): Need => {
    return { branch, image: name, tag, places: [{ file, line }] };
  });
  const others = needs.filter(
    (need) => need.branch !== branch || need.places.some((place) => place.file !== file),
  );
  return { branches, needs: [...planned, ...others] };
}
