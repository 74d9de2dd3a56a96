import type { Written } from './read-pins.ts';

/** A value of the catalog that a refresh replaces. */
export interface Change {
  readonly kind: 'base' | 'snapshot' | 'url' | 'checksum';
  readonly written: Written;
  /** What the value becomes, whole. */
  readonly replacement: string;
  /** The digest, date or URL that goes; absent for a base that was not pinned. */
  readonly from?: string;
  readonly to: string;
  readonly why: string;
  /** Names of the images that have the value. */
  readonly images: readonly string[];
}

/** Something that should have changed, and stays as it is. */
export interface Kept {
  readonly kind: Change['kind'];
  /** Absent where nothing is written that could be changed. */
  readonly written?: Written;
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
  readonly images: readonly string[];
}

/** Changes, and what stays although it should have changed. */
export interface Proposal {
  readonly changes: readonly Change[];
  readonly kept: readonly Kept[];
}
