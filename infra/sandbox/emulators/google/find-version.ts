import { notFound } from './api-error.ts';
import type { HeldVersion } from './inventory.ts';
import { findPackage } from './packages.ts';
import type { RepositoryPlace } from './repository.ts';
import type { World } from './world.ts';

/** A version by its digest; NOT_FOUND where there is none. `all` are those of its package. */
export async function findVersion(
  world: World,
  place: RepositoryPlace & { package: string; version: string },
): Promise<{ name: string; version: HeldVersion; all: readonly HeldVersion[] }> {
  const { name, versions } = await findPackage(world, place);
  const version = versions.find(({ digest }) => digest === place.version);
  if (version === undefined) throw notFound(`Version "${place.version}" not found`);
  return { name, version, all: versions };
}
