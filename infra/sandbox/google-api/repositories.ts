import { ApiError, invalidArgument } from './api-error.ts';
import { deleteVersions } from './delete-versions.ts';
import { getPolicy, IamPolicy, POLICY_PARAMETERS, setPolicy } from './iam-policy.ts';
import { checkLocation } from './locations.ts';
import { EMPTY } from './operations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject } from './projects.ts';
import {
  checkRepository,
  checkRepositoryId,
  MUTABLE_FIELDS,
  placeOf,
  RepositoryBody,
  repositoryName,
  type Repository,
  type RepositoryPlace,
} from './repository.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { applyMask } from './update-mask.ts';
import { findRepository, type World } from './world.ts';

const PARENT = 'v1/projects/{project}/locations/{location}/repositories';
const ONE = `${PARENT}/{repository}` as const;
const MESSAGE = 'google.devtools.artifactregistry.v1.Repository';

/** Artifact Registry's repositories and who may use them. */
export function repositoryRoutes(world: World): Route[] {
  const policies = openCollection(world.folder, 'repository-iam', IamPolicy);
  return [
    route(
      'GET',
      `${ONE}:getIamPolicy`,
      ({ params }) => getPolicy(policies, findRepository(world, params).name),
      POLICY_PARAMETERS,
    ),
    route('POST', `${ONE}:setIamPolicy`, ({ params, body }) =>
      setPolicy(policies, findRepository(world, params).name, body),
    ),
    route('POST', PARENT, ({ params, query, body }) => create(world, params, query, body), [
      'repositoryId',
    ]),
    route('GET', PARENT, ({ params, query }) => list(world, params, query), PAGE_PARAMETERS),
    route('GET', ONE, ({ params }) => {
      const { name, repository } = findRepository(world, params);
      return view(world, name, repository);
    }),
    route('PATCH', ONE, ({ params, query, body }) => patch(world, params, query, body), [
      'updateMask',
    ]),
    route('DELETE', ONE, async ({ params }) => {
      const { name } = findRepository(world, params);
      await deleteVersions(world, await world.inventory.versions(params));
      world.repositories.delete(name);
      policies.delete(name);
      return world.operations.done(locationOf(params), EMPTY);
    }),
  ];
}

function create(
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
  return world.operations.done(locationOf(place), MESSAGE, view(world, name, repository));
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

function list(
  world: World,
  parent: { project: string; location: string },
  query: ReadonlyMap<string, string>,
): object {
  const prefix = `${locationOf(parent)}/repositories/`;
  const found = world.repositories.entries().filter(([name]) => name.startsWith(prefix));
  const { items, nextPageToken } = page(found, query);
  const repositories = items.map(([name, repository]) => view(world, name, repository));
  return { repositories, ...(nextPageToken !== undefined && { nextPageToken }) };
}

function patch(
  world: World,
  place: RepositoryPlace,
  query: ReadonlyMap<string, string>,
  json: unknown,
): object {
  const { name, repository } = findRepository(world, place);
  const body = parseBody(RepositoryBody, json, 'repository');
  if (body.name !== undefined && body.name !== name) {
    throw invalidArgument(`repository.name is "${body.name}", the request is for "${name}"`);
  }
  const changed = applyMask(repository, body, query.get('updateMask'), MUTABLE_FIELDS);
  checkRepository(changed);
  const next = { ...changed, updateTime: world.clock.timestamp() };
  world.repositories.set(name, next);
  return view(world, name, next);
}

/** As Google answers it: with the full name, and the id in each policy. */
function view({ registry, inventory }: World, name: string, stored: Repository): object {
  const { cleanupPolicies, vulnerabilityScanningConfig: scanning, ...repository } = stored;
  const place = placeOf(name);
  const policies = Object.entries(cleanupPolicies ?? {});
  return {
    ...repository,
    name,
    ...(policies.length > 0 && {
      cleanupPolicies: Object.fromEntries(
        policies.map(([key, policy]) => [key, { ...policy, id: key }]),
      ),
    }),
    sizeBytes: String(inventory.size(place)),
    // Google's is the host of the location: here, images are where the registry is.
    registryUri: `${registry}/${place.project}/${place.repository}`,
    vulnerabilityScanningConfig: {
      ...(scanning?.enablementConfig && { enablementConfig: scanning.enablementConfig }),
      enablementState: 'SCANNING_DISABLED',
      enablementStateReason: 'The emulator does not scan.',
    },
  };
}

function locationOf({ project, location }: { project: string; location: string }): string {
  return `projects/${project}/locations/${location}`;
}
