import type { Checksum } from '../../catalog/checksum.ts';

/** A disk as the catalog pins it, and what is to stay when it is pinned to a newer build. */
export interface PinnedDisk {
  readonly url: string;
  readonly checksum: Checksum;
  /** As the images that have it are declared: whatever is found must be of each of these. */
  readonly releases: readonly Release[];
}

/** A release as the catalog declares one, such as `rockylinux` `9`, which all of 9.x belongs to. */
export interface Release {
  readonly distribution: string;
  readonly version: string;
}

/** A build as its publisher names it. */
export interface PublishedDisk {
  readonly url: string;
  readonly checksum: Checksum;
}

/**
 * Gets the text at a URL; `undefined` where there is nothing. Throws a SourceError when nobody can say.
 */
export type Ask = (url: string) => Promise<string | undefined>;

/**
 * Finds the newest build of a pinned disk: of the same release, architecture and flavour, and never an
 * older one. Calls nobody and returns `undefined` for a URL whose shape it does not know. Rejects with a
 * SourceError.
 */
export type Publisher = (pinned: PinnedDisk, ask: Ask) => Promise<PublishedDisk> | undefined;
