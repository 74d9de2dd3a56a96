import type { Checksum } from '../../catalog/image.ts';
import { namesVersion } from '../../catalog/disk-url.ts';
import { CodedError } from '../../problem.ts';

/** A disk as the catalog pins it. */
export interface PinnedDisk {
  readonly url: string;
  readonly checksum: Checksum;
  /** The releases of the images that have the disk: a newer build must be of each of these. */
  readonly releases: readonly Release[];
}

/** A release as the catalog declares it, such as `rockylinux` `9`, which includes all of 9.x. */
export interface Release {
  readonly distribution: string;
  readonly version: string;
}

/** A build of a publisher. */
export interface PublishedDisk {
  readonly url: string;
  readonly checksum: Checksum;
}

/** Gets the text at a URL; `undefined` for a URL without one. Rejects with a SourceError. */
export type Ask = (url: string) => Promise<string | undefined>;

/**
 * Finds the newest build of a pinned disk: of the same release, architecture and flavour, and never an
 * older one. Resolves with `undefined`, without a request, for a URL of an unknown shape. Rejects with a
 * SourceError.
 */
export type Publisher = (pinned: PinnedDisk, ask: Ask) => Promise<PublishedDisk | undefined>;

/** Whether a URL belongs to each release of a pinned disk. */
export function isSameRelease({ releases }: Pick<PinnedDisk, 'releases'>, url: string): boolean {
  return releases.every(({ distribution, version }) => namesVersion(url, distribution, version));
}

/** The parts of a file's URL; each part but the last ends with a slash. */
interface Place {
  /** `https://host/`. */
  readonly origin: string;
  /** From the origin to the file, without the first slash; empty for a file right at the top. */
  readonly folder: string;
  readonly file: string;
}

/** `undefined` for a URL with a query, or with characters that no publisher uses. */
export function placeOf(url: string): Place | undefined {
  const { origin, folder, file } =
    /^(?<origin>https?:\/\/[^/]+\/)(?<folder>(?:[\w.~:+-]+\/)*)(?<file>[\w.~:+-]+)$/.exec(url)
      ?.groups ?? {};
  if (origin === undefined || folder === undefined || file === undefined) return undefined;
  return { origin, folder, file };
}

/** A name that holds a build. */
export interface BuildName {
  readonly text: string;
  /** The name with `*` in place of the build: builds of the same kind share it. */
  readonly series: string;
  /** The numbers of the build, the most important one first: `20230612-1409` is 20230612, 1409. */
  readonly build: readonly number[];
}

/**
 * Splits the name of a file or a folder. `pattern` is global and matches the parts in which builds differ;
 * `undefined` unless it matches `times` times.
 */
export function splitBuild(text: string, pattern: RegExp, times = 1): BuildName | undefined {
  const found = text.match(pattern) ?? [];
  if (found.length !== times) return undefined;
  const build = found.flatMap((part) => part.match(/\d+/g) ?? []).map(Number);
  return { text, series: text.replace(pattern, '*'), build };
}

/**
 * The newest name of the pinned one's series; the pinned one itself when none is newer. Numbers compare as
 * numbers: 9.10 is newer than 9.9.
 */
export function newestOf(pinned: BuildName, names: readonly BuildName[]): BuildName {
  return names
    .filter(({ series }) => series === pinned.series)
    .reduce((newest, name) => (compare(name.build, newest.build) > 0 ? name : newest), pinned);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  const steps = Array.from({ length }, (_, at) => (a[at] ?? 0) - (b[at] ?? 0));
  return steps.find((step) => step !== 0) ?? 0;
}

type SourceErrorCode =
  /** The publisher's server does not respond, or refuses the request. */
  | 'SOURCE_UNREACHABLE'
  /** The response would come over an unencrypted connection. */
  | 'SOURCE_UNSAFE'
  /** A list is larger than any real one. */
  | 'SOURCE_TOO_LARGE'
  /** The folder of the pinned build does not exist any more. */
  | 'SOURCE_GONE'
  /** The URL does not have the publisher's shape. */
  | 'SOURCE_UNKNOWN'
  /** A list has no build like the pinned one. */
  | 'LIST_UNREADABLE'
  /** The build has no published checksum, or an empty, a broken or a second one. */
  | 'CHECKSUM_UNREADABLE'
  /** The published checksum of the pinned build differs from the pinned one. */
  | 'CHECKSUM_DIFFERS';

/** Why the lookup of a disk failed: `code  problem; remedy` in one line, ready to print. */
export class SourceError extends CodedError<SourceErrorCode> {
  override readonly name = 'SourceError';
}

export function sourceGone(url: string): SourceError {
  const remedy =
    'pin a build that is still published, or where its archive is; else drop the image';
  return new SourceError('SOURCE_GONE', `${url} is not there any more`, remedy);
}
