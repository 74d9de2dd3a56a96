import type { Tag } from '../image-reference.ts';

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
