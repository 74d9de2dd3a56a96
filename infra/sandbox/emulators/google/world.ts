import type { RegistryClient } from '../../../../src/registry/registry-client.ts';
import { notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import type { Inventory } from './inventory.ts';
import type { Operations } from './operations.ts';
import { repositoryName, type Repository, type RepositoryPlace } from './repository.ts';
import type { Collection } from './store.ts';

/** What the methods of the emulator share. */
export interface World {
  /** Where state is kept. */
  readonly folder: string;
  readonly clock: Clock;
  readonly operations: Operations;
  /** The registry that holds the images: how it is called, and how it is asked. */
  readonly registry: string;
  readonly client: RegistryClient;
  /** By full name. */
  readonly repositories: Collection<Repository>;
  readonly inventory: Inventory;
}

/** The repository at a place, and its full name; NOT_FOUND where there is none. */
export function findRepository(
  { repositories }: World,
  place: RepositoryPlace,
): { name: string; repository: Repository } {
  const name = repositoryName(place);
  const repository = repositories.get(name);
  if (repository === undefined) throw notFound(`Repository "${name}" not found`);
  return { name, repository };
}
