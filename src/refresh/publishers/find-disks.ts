import { debian, flatcar, ubuntu } from './newest-folder.ts';
import { fedora, opensuse } from './one-folder.ts';
import { pointReleases } from './point-releases.ts';
import {
  SourceError,
  type Ask,
  type PinnedDisk,
  type Publisher,
  type PublishedDisk,
} from './publisher.ts';

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
  | { readonly newest: PublishedDisk }
  | { readonly failure: SourceError }
  /** Of a distribution without a publisher above. */
  | { readonly isNotFollowed: true };

/** Looks up the newest builds. The result is keyed by the pinned URLs; one failure stops no other lookup. */
export async function findDisks(
  pinned: readonly PinnedDisk[],
  ask: Ask,
): Promise<ReadonlyMap<string, FoundDisk>> {
  const found = pinned.map(async (disk) => [disk.url, await findDisk(disk, ask)] as const);
  return new Map(await Promise.all(found));
}

async function findDisk(pinned: PinnedDisk, ask: Ask): Promise<FoundDisk> {
  const distribution = pinned.releases[0]?.distribution ?? '';
  const publisher = PUBLISHERS.get(distribution);
  if (publisher === undefined) return { isNotFollowed: true };
  try {
    const newest = await publisher(pinned, ask);
    return newest === undefined ? { failure: unknownShape(pinned, distribution) } : { newest };
  } catch (error) {
    if (error instanceof SourceError) return { failure: error };
    throw error;
  }
}

function unknownShape({ url }: PinnedDisk, distribution: string): SourceError {
  return new SourceError(
    'SOURCE_UNKNOWN',
    `${url} is not of the shape that ${distribution}'s builds have`,
    'pin a build by its address at its publisher, with the build in it',
  );
}
