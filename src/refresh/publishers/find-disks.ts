import { debian, flatcar } from './newest-folder.ts';
import { fedora, opensuse } from './one-folder.ts';
import { pointReleases } from './point-releases.ts';
import {
  PublisherError,
  type PinnedDisk,
  type Publisher,
  type FoundBuild,
  type Publishers,
} from './publisher.ts';
import { ubuntu } from './ubuntu.ts';

/** Distribution, as catalogs name it → its publisher. */
const PUBLISHERS: ReadonlyMap<string, Publisher> = new Map([
  ['almalinux', pointReleases],
  ['debian', debian],
  ['fedora', fedora],
  ['flatcar', flatcar],
  ['opensuse', opensuse],
  ['opensuse-leap', opensuse],
  ['rocky', pointReleases],
  ['rockylinux', pointReleases],
  ['ubuntu', ubuntu],
]);

/** The newest build of a pinned disk. */
export type FoundDisk =
  | FoundBuild
  | { readonly failure: PublisherError }
  /** The distribution has no publisher above. */
  | 'not followed';

/** Looks up the newest builds. The result is keyed by the pinned URLs; one failure stops no other lookup. */
export async function findDisks(
  pinned: readonly PinnedDisk[],
  publishers: Publishers,
): Promise<ReadonlyMap<string, FoundDisk>> {
  const found = pinned.map(async (disk) => [disk.url, await findDisk(disk, publishers)] as const);
  return new Map(await Promise.all(found));
}

/** Looks up the newest build of one disk. */
export async function findDisk(
  pinned: PinnedDisk,
  { fetchText, isThere }: Publishers,
): Promise<FoundDisk> {
  const distribution = pinned.releases[0]?.distribution ?? '';
  const publisher = PUBLISHERS.get(distribution);
  if (publisher === undefined) return 'not followed';
  try {
    const isPinnedOrThere = async (url: string) => url === pinned.url || isThere(url);
    const found = await publisher(pinned, { fetchText, isThere: isPinnedOrThere });
    if (found !== undefined) return found;
  } catch (error) {
    if (error instanceof PublisherError) return { failure: error };
    throw error;
  }
  const problem = `${pinned.url} is not of the shape that ${distribution}'s builds have`;
  const remedy = 'pin a build by its address at its publisher, with the build in it';
  return { failure: new PublisherError('SOURCE_UNKNOWN', problem, remedy) };
}
