import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import type { DiskRecipe, DiskSource } from '../catalog/image.ts';
import { fetchWithRetry } from '../http/fetch-with-retry.ts';
import { diskBuildInputs } from '../tag/compute-build-inputs.ts';
import { removableBytes } from './disk-files.ts';
import { keptDownload } from './download.ts';
import type { World } from './world.ts';

/** Where a Docker Engine keeps its files, on this machine. */
export interface DockerRoot {
  readonly folder: string;
  /** How often it has each disk that it builds. */
  readonly copies: number;
}

interface EngineDisks {
  readonly recipes: readonly DiskRecipe[];
  readonly parallel: number;
  /** Absent where it is on another machine. */
  readonly root: DockerRoot | undefined;
}

/** What the Docker Engines with their folders on one file system take for their disks, in bytes. */
export interface DockerSpace {
  readonly folders: readonly string[];
  readonly needed: number;
  readonly free: number;
  /** Whether it is on the file system of the downloads. */
  readonly isShared: boolean;
}

/**
 * What some disks need, in bytes. A packed disk gets larger than its download, a converted one larger or smaller, by how
 * much is unknown.
 */
export interface SpaceNeeded {
  readonly disks: number;
  /** Disks whose publisher does not say how large they are. They count nothing. */
  readonly unknown: number;
  /** What is not kept already. */
  readonly download: number;
  /** The prepared disks that are there at once. */
  readonly prepared: number;
  /** What the disk that needs most takes at least by itself. */
  readonly largest: number;
  /** What is free, or is taken by other downloads, which go where there is no room. */
  readonly free: number;
  readonly docker: readonly DockerSpace[];
  /** Disks that are built where the room of Docker is not known. */
  readonly unseen: number;
}

interface SpaceOptions extends Pick<World, 'freeSpace'> {
  /** The folder of the downloads, which may be missing. */
  readonly downloads: string;
  /** Builds at once, on all engines together. */
  readonly parallel: number;
  /** What two folders of one file system have in common. */
  readonly fileSystemOf?: (folder: string) => Promise<unknown>;
}

const REQUESTS_AT_ONCE = 8;

/** Milliseconds for the request for a size: a preview waits for it. */
const TIMEOUT = 5000;

/** What these disks will take, by the sizes that their publishers state. Downloads and writes nothing. */
export async function spaceNeeded(
  engines: readonly EngineDisks[],
  {
    downloads,
    parallel,
    freeSpace,
    fileSystemOf = async (folder) => (await stat(folder)).dev,
  }: SpaceOptions,
): Promise<SpaceNeeded> {
  const recipes = distinct(engines.flatMap((engine) => engine.recipes));
  const sources = new Map(recipes.map(({ source }) => [source.checksum, source]));
  const stated = await pLimit(REQUESTS_AT_ONCE).map(sources.values(), async (source) => {
    return [source.checksum, await sizeOf(source, downloads)] as const;
  });
  const sizes = new Map(stated);
  const bytesOf = ({ source }: DiskRecipe) => sizes.get(source.checksum)?.disk;
  const known = [...sizes.values()].filter((size) => size !== undefined);
  const prepared = recipes.map(bytesOf).filter((bytes) => bytes !== undefined);
  const places = sum(engines.map((engine) => Math.min(engine.parallel, countOf(engine))));
  const folder = existing(downloads);
  const kept = [...sources.keys()].map((checksum) => keptDownload(downloads, checksum));
  const free = (await freeSpace(folder)) + (await removableBytes(downloads, kept));

  const needOf = ({ recipes: own }: EngineDisks) =>
    sum(distinct(own).map((each) => bytesOf(each) ?? 0));
  const seen = await Promise.all(
    engines.map((engine) => seeDocker(engine, needOf(engine), { freeSpace, fileSystemOf })),
  );
  const here = await fileSystemOf(folder);
  const byFileSystem = Map.groupBy(
    seen.filter((each) => each !== undefined),
    ({ fileSystem }) => fileSystem,
  );
  return {
    disks: recipes.length,
    unknown: recipes.length - prepared.length,
    download: sum(known.map(({ download }) => download)),
    prepared: sum(prepared.toSorted((a, b) => b - a).slice(0, Math.min(parallel, places))),
    largest: Math.max(0, ...known.map(({ download, least }) => download + least)),
    free,
    docker: [...byFileSystem].map(([fileSystem, each]) => ({
      folders: [...new Set(each.map((engine) => engine.folder))],
      needed: sum(each.map(({ needed }) => needed)),
      free: fileSystem === here ? free : Math.min(...each.map(({ freeThere }) => freeThere)),
      isShared: fileSystem === here,
    })),
    unseen: sum(engines.filter((_, at) => seen[at] === undefined).map(countOf)),
  };
}

/** What an engine needs for disks of so many bytes, and where; `undefined` where that is not known. */
async function seeDocker(
  { root }: EngineDisks,
  bytes: number,
  { freeSpace, fileSystemOf }: Pick<Required<SpaceOptions>, 'freeSpace' | 'fileSystemOf'>,
) {
  if (root === undefined) return undefined;
  const { folder, copies } = root;
  try {
    const fileSystem = await fileSystemOf(folder);
    return { folder, needed: copies * bytes, fileSystem, freeThere: await freeSpace(folder) };
  } catch {
    // Docker may run in a machine of its own behind its socket, as Docker Desktop does.
    return undefined;
  }
}

/** Each disk once. One download may become several. */
function distinct(recipes: readonly DiskRecipe[]): readonly DiskRecipe[] {
  const byInputs = recipes.map(
    (recipe) => [JSON.stringify(diskBuildInputs(recipe)), recipe] as const,
  );
  return [...new Map(byInputs).values()];
}

function countOf({ recipes }: EngineDisks): number {
  return distinct(recipes).length;
}

/** What is to be downloaded, and the disk that it becomes: probably, and at least. */
async function sizeOf({ url, checksum, format, packing }: DiskSource, downloads: string) {
  const kept = await stat(keptDownload(downloads, checksum)).catch(() => undefined);
  const size = kept?.size ?? (await statedSize(new URL(url)));
  if (size === undefined) return undefined;
  // A raw disk may be holes for the most part.
  const isOnlyConverted = packing === undefined && format !== 'qcow2';
  return { download: kept ? 0 : size, disk: size, least: isOnlyConverted ? 0 : size };
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

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
