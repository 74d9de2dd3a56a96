import { z } from 'zod';
import { ApiError, invalidArgument, notFound } from './api-error.ts';
import { deleteVersions, referencedVersions } from './delete-versions.ts';
import { findVersion } from './find-version.ts';
import type { HeldVersion } from './inventory.ts';
import { EMPTY } from './operations.ts';
import { parseBody } from './parse-body.ts';
import { locationOf, type RepositoryPlace } from './repository.ts';
import { route, type Route } from './router.ts';
import { versionName, VERSIONS } from './version-names.ts';
import { findRepository, type World } from './world.ts';

const BatchDelete = z.strictObject({
  names: z.array(z.string()).optional(),
  validateOnly: z.boolean().optional(),
});

/** "A maximum of 10000 versions can be deleted in a batch." */
const LARGEST_BATCH = 10_000;

/** The deletion of versions, one by one or many at once. */
export function versionDeletionRoutes(world: World): Route[] {
  return [
    route('POST', `${VERSIONS}:batchDelete`, async ({ params, body }) => {
      const { names = [], validateOnly } = parseBody(BatchDelete, body);
      const doomed = await findNamed(world, params, names);
      if (validateOnly !== true) await deleteVersions(world, doomed);
      return world.operations.done(locationOf(params), EMPTY);
    }),
    route(
      'DELETE',
      `${VERSIONS}/{version}`,
      async ({ params, query }) => {
        const { name, version, all } = await findVersion(world, params);
        const force = query.get('force') === 'true';
        if (version.tags.length > 0 && !force) {
          throw new ApiError(
            'FAILED_PRECONDITION',
            `cannot delete ${versionName(name, version)}: it has the tags ${version.tags.join(', ')}; set force to delete them too`,
          );
        }
        checkDeletable(world, params, version, all);
        await deleteVersions(world, [version]);
        return world.operations.done(locationOf(params), EMPTY);
      },
      ['force'],
    ),
  ];
}

/** Refuses a deletion that Google refuses: of what an index refers to, and of an immutable tag. */
function checkDeletable(
  world: World,
  place: RepositoryPlace,
  version: HeldVersion,
  all: readonly HeldVersion[],
): void {
  const { path, digest, tags } = version;
  if (referencedVersions(all).has(`${path}@${digest}`)) {
    throw new ApiError(
      'FAILED_PRECONDITION',
      `GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE: ${digest} is referenced by a parent manifest`,
    );
  }
  const { dockerConfig } = findRepository(world, place).repository;
  if (dockerConfig?.immutableTags === true && tags.length > 0) {
    throw new ApiError('FAILED_PRECONDITION', `${digest} has tags, which are immutable`);
  }
}

/** All versions that are named, each of them deletable once the others are gone. */
async function findNamed(
  world: World,
  place: RepositoryPlace & { package: string },
  names: readonly string[],
): Promise<readonly HeldVersion[]> {
  if (names.length === 0) throw invalidArgument('names is required');
  if (names.length > LARGEST_BATCH) {
    throw invalidArgument(`at most ${LARGEST_BATCH} versions can be deleted in a batch`);
  }
  const { name } = findRepository(world, place);
  const all = await world.inventory.versions(place);
  const byName = new Map(all.map((version) => [versionName(name, version), version]));
  const doomed = names.map((wanted) => {
    const version = byName.get(wanted);
    if (version === undefined) throw notFound(`Version "${wanted}" not found`);
    if (place.package !== '-' && version.packageName !== place.package) {
      throw invalidArgument(`"${wanted}" is not a version of the package "${place.package}"`);
    }
    return version;
  });
  const rest = all.filter((version) => !doomed.includes(version));
  for (const version of doomed) checkDeletable(world, place, version, rest);
  return doomed;
}
