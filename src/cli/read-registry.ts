import process from 'node:process';
import { stackFile } from './options.ts';
import { artifactRegistry } from '../google/artifact-registry.ts';
import { googleAccessToken, TOKEN_USER } from '../google/google-access-token.ts';
import { readInventory } from '../google/read-inventory.ts';
import type { Registry } from '../image-reference.ts';
import { inputError } from '../problem.ts';
import { credentialsFor } from '../registry/credentials.ts';
import { registryClient, type RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { googleAccess } from '../settings/stack-settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { FileTree } from '../file-tree.ts';
import { loadText } from '../yaml/read-text.ts';

/** The address of the API, unless the stack names another one. */
const GOOGLE = 'https://artifactregistry.googleapis.com/v1/';

/**
 * A client of the stack's registry: of a plain one by the login of the Docker configuration, and of Artifact Registry as
 * whoever runs this. Throws a RegistryError.
 */
export async function openRegistry(tree: FileTree, stack: string, settings: Settings) {
  if (settings.destination.kind !== 'plain')
    return (await openGoogle(tree, stack, settings)).client;
  return openByLogin(settings.registry);
}

/**
 * A client of a registry, by the login of the Docker configuration. Repositories that a run has yet to make may be hidden.
 */
export async function openByLogin(
  registry: Registry,
  signal?: AbortSignal,
): Promise<RegistryClient> {
  const credentials = await credentialsFor(registry, process.env);
  return registryClient({ registry, credentials, signal, mayMake: 'later' });
}

async function openGoogle(tree: FileTree, stack: string, { registry }: Settings) {
  const access = googleAccess(loadText(tree, stackFile(stack), 'settings'));
  const accessToken = await googleAccessToken({
    setting: access.accessToken,
    environment: process.env,
  });
  const credentials = { username: TOKEN_USER, password: accessToken };
  return { access, accessToken, client: registryClient({ registry, credentials }) };
}

/**
 * Lists the stack's repository, which must be there. Throws a RegistryError, and an InvalidInputError for a plain
 * registry, which is not of Google.
 */
export async function listRepository(tree: FileTree, stack: string, settings: Settings) {
  const { destination, project, location, repositoryId, registry } = settings;
  if (destination.kind === 'plain') {
    const problem = `${registry} has no clean-up policies, and does not say when a version was uploaded`;
    const remedy = 'choose a stack with a repository of Artifact Registry with --stack';
    throw inputError('PLAIN_REGISTRY', problem, remedy);
  }
  const { access, accessToken, client } = await openGoogle(tree, stack, settings);
  const endpoint = endpointOf(access.endpoint ?? GOOGLE);
  const api = artifactRegistry({ endpoint, project, location, repositoryId, accessToken });
  const policies = await api.readPolicies();
  if (policies === undefined) {
    throw new RegistryError(
      'REGISTRY_ANSWER',
      `there is no repository ${repositoryId} in ${location} of ${project}`,
      destination.kind === 'managed'
        ? 'run pulumi up, which makes it, or choose another stack with --stack'
        : 'correct repositoryId or location, or ask its owners to make it',
    );
  }
  return { client, policies, listed: await api.listImages() };
}

/**
 * Reads the stack's repository: its versions, its policies, whether these only log, and which of them can't be evaluated.
 * Throws a RegistryError.
 */
export async function readRegistry(tree: FileTree, stack: string, settings: Settings) {
  const { client, policies: found, listed } = await listRepository(tree, stack, settings);
  const versions = await readInventory(listed, client, settings.repositoryPrefix);
  return { versions, live: found.policies, isDryRun: found.dryRun, unknown: found.unknown };
}

function endpointOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && text.endsWith('/')) return url;
  throw new RegistryError(
    'REGISTRY_UNREACHABLE',
    'gcp:artifactRegistryCustomEndpoint is no address that ends in a slash',
    'write it like https://artifactregistry.googleapis.com/v1/, or leave it out',
  );
}
