import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import type { Checksum, DiskRecipe } from '../catalog/image.ts';
import { fetchWithRetry } from '../http/fetch-with-retry.ts';
import { removableBytes } from './disk-files.ts';
import { keptDownload } from './download.ts';
import type { World } from './world.ts';

/** Where a Docker Engine keeps its files, on this machine. */
export interface DockerRoot {
  readonly folder: string;
  /** How often it has each disk that it builds. */
  readonly copies: number;
}

/** The disks that one Docker Engine builds. */
interface EngineDisks {
  readonly recipes: readonly DiskRecipe[];
  /** How many it builds at once. */
  readonly parallel: number;
  /** Absent where it is on another machine. */
  readonly root: DockerRoot | undefined;
}

/** What a Docker Engine takes for its disks, in bytes. */
export interface DockerSpace {
  readonly folder: string;
  readonly needed: number;
  readonly free: number;
  /** Whether it is on the file system of the downloads. */
  readonly isShared: boolean;
}

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
  { downloads, parallel, freeSpace, fileSystemOf = deviceOf }: SpaceOptions,
): Promise<SpaceNeeded> {
  const recipes = engines.flatMap((engine) => engine.recipes);
  const sources = new Map(recipes.map(({ source }) => [source.checksum, source]));
  const sizes = await pLimit(REQUESTS_AT_ONCE).map(sources.values(), async ({ url, checksum }) => {
    const kept = await stat(keptDownload(downloads, checksum)).catch(() => undefined);
    if (kept !== undefined) return { checksum, download: 0, prepared: kept.size };
    const size = await statedSize(new URL(url));
    return size === undefined ? undefined : { checksum, download: size, prepared: size };
  });
  const kept = [...sources.keys()].map((checksum) => keptDownload(downloads, checksum));
  const known = sizes.filter((size) => size !== undefined);
  const prepared = known.map((size) => size.prepared).toSorted((a, b) => b - a);
  const places = sum(engines.map((engine) => Math.min(engine.parallel, checksumsOf(engine).size)));
  const folder = existing(downloads);
  const free = (await freeSpace(folder)) + (await removableBytes(downloads, kept));

  const ofDocker = engines.map(async (engine): Promise<DockerSpace | undefined> => {
    if (engine.root === undefined) return undefined;
    const { folder: root, copies } = engine.root;
    const own = checksumsOf(engine);
    const bytes = sum(
      known.filter(({ checksum }) => own.has(checksum)).map((size) => size.prepared),
    );
    try {
      const isShared = (await fileSystemOf(root)) === (await fileSystemOf(folder));
      const freeThere = isShared ? free : await freeSpace(root);
      return { folder: root, needed: copies * bytes, free: freeThere, isShared };
    } catch {
      // Docker may run in a machine of its own behind its socket, as Docker Desktop does.
      return undefined;
    }
  });
  const docker = await Promise.all(ofDocker);
  const unseen = engines.filter((_, at) => docker[at] === undefined);
  return {
    disks: sizes.length,
    unknown: sizes.length - known.length,
    download: sum(known.map((size) => size.download)),
    prepared: sum(prepared.slice(0, Math.min(parallel, places))),
    largest: Math.max(0, ...known.map((size) => size.download + size.prepared)),
    free,
    docker: docker.filter((space) => space !== undefined),
    unseen: sum(unseen.map((engine) => checksumsOf(engine).size)),
  };
}

function checksumsOf({ recipes }: EngineDisks): ReadonlySet<Checksum> {
  return new Set(recipes.map(({ source }) => source.checksum));
}

async function deviceOf(folder: string): Promise<number> {
  return (await stat(folder)).dev;
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
