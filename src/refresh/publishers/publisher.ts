import type { Checksum } from '../../catalog/image.ts';
import { namesVersion } from '../../catalog/disk-url.ts';
import { CodedError } from '../../coded-error.ts';

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

/** Whether a URL is of the release that every image with the pinned disk is declared as. */
export function isSameRelease({ releases }: Pick<PinnedDisk, 'releases'>, url: string): boolean {
  return releases.every(({ distribution, version }) => namesVersion(url, distribution, version));
}

/** A URL of a file, taken apart; each part but the last ends with a slash. */
interface Place {
  /** `https://host/`. */
  readonly origin: string;
  /** From the origin to the file, without the first slash; empty for a file right at the top. */
  readonly folder: string;
  readonly file: string;
}

/** `undefined` for a URL with a query or with characters that no publisher's have. */
export function placeOf(url: string): Place | undefined {
  const { origin, folder, file } =
    /^(?<origin>https?:\/\/[^/]+\/)(?<folder>(?:[\w.~:+-]+\/)*)(?<file>[\w.~:+-]+)$/.exec(url)
      ?.groups ?? {};
  if (origin === undefined || folder === undefined || file === undefined) return undefined;
  return { origin, folder, file };
}

/** A name with a build in it, taken apart. */
export interface BuildName {
  readonly text: string;
  /** What builds of the same kind have in common: the name with `*` where the build is. */
  readonly series: string;
  /** What tells builds apart, the most important number first: `20230612-1409` is 20230612, 1409. */
  readonly build: readonly number[];
}

/**
 * Takes the name of a file or a folder apart. `pattern`, a global one, matches nothing but what builds
 * differ in; `undefined` when it does not match `times` times.
 */
export function splitBuild(text: string, pattern: RegExp, times = 1): BuildName | undefined {
  const found = text.match(pattern) ?? [];
  if (found.length !== times) return undefined;
  const build = found.flatMap((part) => part.match(/\d+/g) ?? []).map(Number);
  return { text, series: text.replace(pattern, '*'), build };
}

/**
 * The newest of those that are of the pinned one's series; the pinned one itself when none is newer,
 * whether or not it is among them. Numbers count as numbers: 9.10 is newer than 9.9.
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

/**
 * - `SOURCE_UNREACHABLE`: the publisher's server does not answer, or only with a refusal.
 * - `SOURCE_UNSAFE`: the answer would come, or came, over a line on which anybody can change it.
 * - `SOURCE_TOO_LARGE`: a list is larger than any list is.
 * - `SOURCE_GONE`: where the pinned build was, there is nothing any more.
 * - `SOURCE_UNKNOWN`: the URL is not of the shape that the publisher's have.
 * - `LIST_UNREADABLE`: a list of builds has no build like the pinned one in it.
 * - `CHECKSUM_UNREADABLE`: no checksum is published for the build, or an empty, a broken or a second one.
 * - `CHECKSUM_DIFFERS`: another checksum than the pinned one is published for the pinned build.
 */
type SourceErrorCode =
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_UNSAFE'
  | 'SOURCE_TOO_LARGE'
  | 'SOURCE_GONE'
  | 'SOURCE_UNKNOWN'
  | 'LIST_UNREADABLE'
  | 'CHECKSUM_UNREADABLE'
  | 'CHECKSUM_DIFFERS';

/** Why the newest build of a disk is not known: `code  problem; remedy` in one line, ready to print. */
export class SourceError extends CodedError<SourceErrorCode> {
  override readonly name = 'SourceError';
}

/** Nothing is left of what a URL pointed at. */
export function sourceGone(url: string): SourceError {
  const remedy =
    'pin a build that is still published, or where its archive is; else drop the image';
  return new SourceError('SOURCE_GONE', `${url} is not there any more`, remedy);
}
