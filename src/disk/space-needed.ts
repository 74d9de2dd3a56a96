import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import type { DiskRecipe } from '../catalog/image.ts';
import { fetchWithRetry } from '../http/fetch-with-retry.ts';
import { removableBytes } from './disk-files.ts';
import { keptDownload } from './download.ts';
import type { World } from './world.ts';

/** What some disks need, in bytes. A packed or converted disk gets larger than its download, by how much is unknown. */
export interface SpaceNeeded {
  readonly disks: number;
  /** Disks whose publisher does not say how large they are. They count nothing. */
  readonly unknown: number;
  /** What is not kept already. */
  readonly download: number;
  /** The prepared disks that are there at once. */
  readonly prepared: number;
  /** The disk that needs most by itself. */
  readonly largest: number;
  /** What is free, or is taken by other downloads, which go where there is no room. */
  readonly free: number;
}

interface SpaceOptions extends Pick<World, 'freeSpace'> {
  /** The folder of the downloads, which may be missing. */
  readonly downloads: string;
  /** Prepared disks that are there at once. */
  readonly atOnce: number;
}

const REQUESTS_AT_ONCE = 8;

/** Milliseconds for the request for a size: a preview waits for it. */
const TIMEOUT = 5000;

/** What these disks will take, by the sizes that their publishers state. Downloads and writes nothing. */
export async function spaceNeeded(
  recipes: readonly DiskRecipe[],
  { downloads, atOnce, freeSpace }: SpaceOptions,
): Promise<SpaceNeeded> {
  const sources = new Map(recipes.map(({ source }) => [source.checksum, source]));
  const sizes = await pLimit(REQUESTS_AT_ONCE).map(sources.values(), async ({ url, checksum }) => {
    const kept = await stat(keptDownload(downloads, checksum)).catch(() => undefined);
    if (kept !== undefined) return { download: 0, prepared: kept.size };
    const size = await statedSize(new URL(url));
    return size === undefined ? undefined : { download: size, prepared: size };
  });
  const kept = [...sources.keys()].map((checksum) => keptDownload(downloads, checksum));
  const known = sizes.filter((size) => size !== undefined);
  const prepared = known.map((size) => size.prepared).toSorted((a, b) => b - a);
  return {
    disks: sizes.length,
    unknown: sizes.length - known.length,
    download: sum(known.map((size) => size.download)),
    prepared: sum(prepared.slice(0, atOnce)),
    largest: Math.max(0, ...known.map((size) => size.download + size.prepared)),
    free: (await freeSpace(existing(downloads))) + (await removableBytes(downloads, kept)),
  };
}

/** By HEAD, or by the first byte: not each server takes HEAD for GET. */
async function statedSize(url: URL): Promise<number | undefined> {
  const head = await request(url, 'HEAD');
  const size = Number(head?.get('content-length') ?? 0);
  if (size > 0) return size;
  const first = await request(url, 'GET');
  const [, whole] = /\/(\d+)$/.exec(first?.get('content-range') ?? '') ?? [];
  return Number(whole ?? first?.get('content-length') ?? 0) || undefined;
}

/** The headers of a response with the file, or with its first byte. */
async function request(url: URL, method: 'HEAD' | 'GET'): Promise<Headers | undefined> {
  const response = await fetchWithRetry(
    {
      method,
      url,
      headers: { 'accept-encoding': 'identity', ...(method === 'GET' && { range: 'bytes=0-0' }) },
      largestBody: 1,
      mayBeCut: true,
      mayRedirect: ({ protocol }) => protocol === 'https:' || protocol === 'http:',
    },
    { mostTries: 1, timeout: TIMEOUT },
  );
  const isFound = !('failure' in response) && [200, 206].includes(response.status);
  return isFound ? response.headers : undefined;
}

/** The folder, or the nearest one above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** The need in one line, and how bad it is: `error` when not even one disk after the other would fit. */
export function describeSpace(need: SpaceNeeded, folder: string) {
  const { disks, unknown, download, prepared, largest, free } = need;
  const uncounted = unknown === 0 ? '' : ` (${unknown} of unknown size not counted)`;
  const needs = `VM disks to build: ${disks}${uncounted}; they need at least ${gigabytes(download)} of downloads and ${gigabytes(prepared)} of prepared disks at a time, and ${gigabytes(free)} are free in ${folder}`;
  if (download + prepared <= free) return { severity: 'info', text: needs } as const;
  const remedy = 'make room there, or set XDG_CACHE_HOME to a folder on a larger file system';
  return largest > free
    ? ({
        severity: 'error',
        text: `NO_SPACE  ${needs}, but one of them alone needs ${gigabytes(largest)}; ${remedy}`,
      } as const)
    : ({ severity: 'warning', text: `${needs}: they may not fit; ${remedy}` } as const);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
