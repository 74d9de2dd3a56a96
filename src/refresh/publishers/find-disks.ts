import { debian, flatcar, ubuntu } from './newest-folder.ts';
import { fedora, opensuse } from './one-folder.ts';
import { pointReleases } from './point-releases.ts';
import {
  type Ask,
  type PinnedDisk,
  type Publisher,
  type PublishedDisk,
  SourceError,
} from './publisher.ts';

/** By the names that catalogs have for distributions. */
const PUBLISHERS: Readonly<Record<string, Publisher>> = {
  almalinux: pointReleases,
  debian,
  fedora,
  flatcar,
  opensuse,
  'opensuse-leap': opensuse,
  rocky: pointReleases,
  rockylinux: pointReleases,
  ubuntu,
};

/** What is known of a pinned disk's newest build. */
export type FoundDisk =
  | { readonly newest: PublishedDisk }
  | { readonly failure: SourceError }
  /** Of a distribution that is not followed: its publisher lists nothing that is understood here. */
  | { readonly isNotFollowed: true };

/** The newest builds by the URLs of the pinned ones; one that is not found stops no other. */
export async function findDisks(
  pinned: readonly PinnedDisk[],
  ask: Ask,
): Promise<ReadonlyMap<string, FoundDisk>> {
  const found = pinned.map(async (disk) => [disk.url, await findDisk(disk, ask)] as const);
  return new Map(await Promise.all(found));
}

async function findDisk(pinned: PinnedDisk, ask: Ask): Promise<FoundDisk> {
  const distribution = pinned.releases[0]?.distribution ?? '';
  const publisher = Object.hasOwn(PUBLISHERS, distribution) ? PUBLISHERS[distribution] : undefined;
  if (publisher === undefined) return { isNotFollowed: true };
  try {
    const newest = await publisher(pinned, ask);
    return newest === undefined ? { failure: unknownShape(pinned, distribution) } : { newest };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { failure: error };
  }
}

function unknownShape({ url }: PinnedDisk, distribution: string): SourceError {
  return new SourceError(
    'SOURCE_UNKNOWN',
    `${url} is not of the shape that ${distribution}'s builds have`,
    'pin a build by its address at its publisher, with the build in it',
  );
}
