import { invalidArgument } from './api-error.ts';
import { createRepository } from './create-repository.ts';
import { deleteVersions } from './delete-versions.ts';
import { getPolicy, IamPolicy, POLICY_PARAMETERS, setPolicy } from './iam-policy.ts';
import { EMPTY } from './operations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import {
  checkRepository,
  locationOf,
  MUTABLE_FIELDS,
  RepositoryBody,
  type RepositoryPlace,
} from './repository.ts';
import { viewRepository } from './repository-view.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { applyMask } from './update-mask.ts';
import { findRepository, type World } from './world.ts';

const PARENT = 'v1/projects/{project}/locations/{location}/repositories';
const ONE = `${PARENT}/{repository}` as const;

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
    route(
      'POST',
      PARENT,
      ({ params, query, body }) => createRepository(world, params, query, body),
      ['repositoryId'],
    ),
    route('GET', PARENT, ({ params, query }) => list(world, params, query), PAGE_PARAMETERS),
    route('GET', ONE, ({ params }) => {
      const { name, repository } = findRepository(world, params);
      return viewRepository(world, name, repository);
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

function list(
  world: World,
  parent: { project: string; location: string },
  query: ReadonlyMap<string, string>,
): object {
  const prefix = `${locationOf(parent)}/repositories/`;
  const found = world.repositories.entries().filter(([name]) => name.startsWith(prefix));
  const { items, nextPageToken } = page(found, query);
  const repositories = items.map(([name, repository]) => viewRepository(world, name, repository));
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
  return viewRepository(world, name, next);
}
