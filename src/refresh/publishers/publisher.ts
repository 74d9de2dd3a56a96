import type { Checksum } from '../../catalog/image.ts';
import { namesVersion } from '../../catalog/disk-url.ts';
import { CodedError } from '../../problem.ts';

/** A build of a publisher. */
export interface PublishedDisk {
  readonly url: string;
  readonly checksum: Checksum;
}

/** A disk as the catalog pins it. */
export interface PinnedDisk extends PublishedDisk {
  /** The releases of the images that have the disk: a newer build must be of each of these. */
  readonly releases: readonly Release[];
}

/** A release as the catalog declares it, such as `rockylinux` `9`, which includes all of 9.x. */
export interface Release {
  readonly distribution: string;
  readonly version: string;
}

/** Gets the text at a URL; `undefined` for a URL without one. Rejects with a PublisherError. */
export type FetchText = (url: string) => Promise<string | undefined>;

/** Whether a file is at a URL, as far as is known: true also where its server does not say. */
export type IsThere = (url: string) => Promise<boolean>;

/** Requests to publishers. */
export interface Publishers {
  readonly fetchText: FetchText;
  readonly isThere: IsThere;
}

/**
 * Finds the newest build of a pinned disk: of the same release, architecture and flavour, and never an
 * older one. Resolves with `undefined`, without a request, for a URL of an unknown shape. Rejects with a
 * PublisherError.
 */
export type Publisher = (
  pinned: PinnedDisk,
  publishers: Publishers,
) => Promise<FoundBuild | undefined>;

/** The newest build that is published as a whole. */
export interface FoundBuild {
  readonly newest: PublishedDisk;
  /** Why a newer one is not taken: its file or its checksum is not there yet, or the checksum is broken. */
  readonly passedOver?: PublisherError | undefined;
}

/** What the folder or the list of a build lacks while somebody uploads it. */
const UNFINISHED: readonly PublisherErrorCode[] = [
  'SOURCE_GONE',
  'LIST_UNREADABLE',
  'CHECKSUM_UNREADABLE',
];

/** Whether an error says that a build is not there, or not whole. */
export function isUnfinished(error: unknown): error is PublisherError {
  return error instanceof PublisherError && (UNFINISHED.includes(error.code) || error.isRefusal);
}

/**
 * The first build that `find` resolves with, of candidates from the newest to the pinned one; those that are
 * not published as a whole are passed over. `find` resolves with `undefined` where nothing is, and so does this
 * if it does for all of them. Rejects with the error of the newest candidate if none is whole, and with every
 * other error at once.
 */
export async function firstWhole<Candidate>(
  candidates: readonly Candidate[],
  isThere: IsThere,
  find: (candidate: Candidate) => FoundBuild | Promise<FoundBuild | undefined>,
): Promise<FoundBuild | undefined> {
  let passedOver: PublisherError | undefined;
  for (const candidate of candidates) {
    try {
      const found = await find(candidate);
      if (found === undefined) continue;
      if (!(await isThere(found.newest.url))) throw gone(found.newest.url);
      return { ...found, passedOver: passedOver ?? found.passedOver };
    } catch (error) {
      if (!isUnfinished(error)) throw error;
      passedOver ??= error;
    }
  }
  if (passedOver !== undefined) throw passedOver;
  return undefined;
}

/** Whether a URL belongs to each release of a pinned disk. */
export function isSameRelease({ releases }: PinnedDisk, url: string): boolean {
  return releases.every(({ distribution, version }) => namesVersion(url, distribution, version));
}

/**
 * The folder of a URL, with a slash at its end, and the file in it. `undefined` for a URL with a query, or
 * with characters that no publisher uses.
 */
export function splitUrl(url: string): Readonly<Record<'folder' | 'file', string>> | undefined {
  const [, folder, file] = /^(https?:\/\/[^/]+\/(?:[\w.~:+-]+\/)*)([\w.~:+-]+)$/.exec(url) ?? [];
  return folder === undefined || file === undefined ? undefined : { folder, file };
}

/** Names of files or folders that differ in the build alone. */
interface Series {
  readonly includes: (name: string) => boolean;
  /** Those names of the series that are newer than the pinned one, newest first, and the pinned one. */
  readonly newestFirst: (names: readonly string[]) => readonly string[];
}

/**
 * The series of a pinned name. `pattern` is global and matches the parts in which builds differ;
 * `undefined` unless it matches `times` times. Numbers compare as numbers, the first ones first: 9.10 is
 * newer than 9.9.
 */
export function seriesOf(pinned: string, pattern: RegExp, times = 1): Series | undefined {
  const partsOf = (name: string) => name.match(pattern) ?? [];
  if (partsOf(pinned).length !== times) return undefined;
  const includes = (name: string) =>
    partsOf(name).length === times && name.replace(pattern, '*') === pinned.replace(pattern, '*');
  const numbersOf = (name: string) =>
    partsOf(name)
      .flatMap((part) => part.match(/\d+/g) ?? [])
      .map(Number);
  const compare = (a: string, b: string) => compareNumbers(numbersOf(a), numbersOf(b));
  const newestFirst = (names: readonly string[]) => {
    const newer = names.filter((name) => includes(name) && compare(name, pinned) > 0);
    return [...newer.toSorted((a, b) => compare(b, a)).slice(0, MOST_TRIED), pinned];
  };
  return { includes, newestFirst };
}

/** Builds that are looked at: a publisher that has renamed its checksum files gets no request for each build. */
const MOST_TRIED = 5;

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  const steps = Array.from({ length }, (_, at) => (a[at] ?? 0) - (b[at] ?? 0));
  return steps.find((step) => step !== 0) ?? 0;
}

/**
 * Whether a URL is that of a newer build than another: by all of their numbers where they differ in nothing else, or by
 * the dates in both.
 */
export function isNewerBuild(url: string, than: string): boolean {
  const numbersIn = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const shapeOf = (text: string) => text.replaceAll(/\d+/g, '*');
  if (shapeOf(url) === shapeOf(than)) return compareNumbers(numbersIn(url), numbersIn(than)) > 0;
  const dateIn = (text: string) => Number(/(?<!\d)20\d{6}(?!\d)/.exec(text)?.[0]);
  return dateIn(url) > dateIn(than);
}

type PublisherErrorCode =
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

/** Why the lookup of a disk failed. */
export class PublisherError extends CodedError<PublisherErrorCode> {
  override readonly name = 'PublisherError';
  /** Whether this one file is refused, as object storage refuses one that is not there. */
  readonly isRefusal: boolean;

  constructor(code: PublisherErrorCode, problem: string, remedy: string, isRefusal = false) {
    super(code, problem, remedy);
    this.isRefusal = isRefusal;
  }
}

export function gone(url: string): PublisherError {
  const remedy =
    'pin a build that is still published, or where its archive is; else drop the image';
  return new PublisherError('SOURCE_GONE', `${url} is not there`, remedy);
}
