import type { Environment } from '../environment.ts';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type { RegistryPolicy } from '../retention/evaluate-policies.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { artifactRegistry } from '../google/artifact-registry.ts';
import { googleAccessToken } from '../google/google-access-token.ts';
import { readInventory } from '../google/read-inventory.ts';
import { registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { googleAccess } from '../settings/stack-settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { FileTree } from '../file-tree.ts';

/** Google's own address, where the stack names no other. */
const GOOGLE = 'https://artifactregistry.googleapis.com/v1/';

/** The user name that Artifact Registry takes an access token with ("Authentication for Docker"). */
const TOKEN_USER = 'oauth2accesstoken';

/** What the registry holds now, and what it would delete by itself. */
export interface RegistryContent {
  readonly versions: readonly HeldVersion[];
  readonly live: readonly RegistryPolicy[];
  /** Whether the registry only logs what its policies would delete. */
  readonly isDryRun: boolean;
}

/** Reads the stack's repository, as whoever runs this. Throws a `RegistryError` when it can't. */
export async function readRegistry(
  tree: FileTree,
  stack: string,
  settings: Settings,
  environment: Environment,
): Promise<RegistryContent> {
  const { project, location, repositoryId, registry, repositoryPrefix } = settings;
  const text = await buffer(Readable.from(tree.read(`Pulumi.${stack}.yaml`)));
  const access = googleAccess(text.toString());
  const accessToken = await googleAccessToken({ setting: access.accessToken, environment });
  const endpoint = endpointOf(access.endpoint ?? GOOGLE);
  const api = artifactRegistry({ endpoint, project, location, repositoryId, accessToken });
  const found = await api.readPolicies();
  if (found === undefined) throw missingRepository(settings);
  const client = registryClient({
    registry,
    credentials: { username: TOKEN_USER, password: accessToken },
  });
  const versions = await readInventory(await api.listImages(), client, repositoryPrefix);
  return { versions, live: found.policies, isDryRun: found.dryRun };
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

function missingRepository({ project, location, repositoryId }: Settings): RegistryError {
  return new RegistryError(
    'REGISTRY_ANSWER',
    `there is no repository ${repositoryId} in ${location} of ${project}`,
    'run pulumi up, which makes it, or choose another stack with --stack',
  );
}
