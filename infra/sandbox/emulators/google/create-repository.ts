import { ApiError } from './api-error.ts';
import { checkLocation } from './locations.ts';
import { parseBody } from './parse-body.ts';
import { checkProject } from './projects.ts';
import {
  checkRepository,
  checkRepositoryId,
  locationOf,
  placeOf,
  RepositoryBody,
  repositoryName,
  type Repository,
  type RepositoryPlace,
} from './repository.ts';
import { viewRepository } from './repository-view.ts';
import type { World } from './world.ts';

const MESSAGE = 'google.devtools.artifactregistry.v1.Repository';

/** Makes a repository; the answer is a finished operation. */
export function createRepository(
  world: World,
  parent: { project: string; location: string },
  query: ReadonlyMap<string, string>,
  json: unknown,
): object {
  checkProject(parent.project);
  checkLocation(parent.location, { multiRegions: true });
  const place = { ...parent, repository: checkRepositoryId(query.get('repositoryId')) };
  const body = parseBody(RepositoryBody, json, 'repository');
  checkRepository(body);
  checkVacant(world, place);
  const now = world.clock.timestamp();
  const repository: Repository = {
    ...body,
    mode: body.mode ?? 'STANDARD_REPOSITORY',
    createTime: now,
    updateTime: now,
  };
  const name = repositoryName(place);
  world.repositories.set(name, repository);
  return world.operations.done(locationOf(place), MESSAGE, viewRepository(world, name, repository));
}

function checkVacant({ repositories }: World, place: RepositoryPlace): void {
  for (const [name] of repositories.entries()) {
    const { project, location, repository } = placeOf(name);
    if (project !== place.project || repository !== place.repository) continue;
    if (location === place.location) {
      throw new ApiError('ALREADY_EXISTS', 'the repository already exists');
    }
    // At Google each location is a host of its own; here, both would be one path of one registry.
    throw new ApiError(
      'FAILED_PRECONDITION',
      `The emulator keeps one repository of a name in a project, and ${name} is there.`,
    );
  }
}
