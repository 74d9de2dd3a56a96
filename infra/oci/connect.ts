import type { Registry } from '../../src/image-reference.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import { credentialsFor } from '../../src/registry/docker-config.ts';
import { registryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import type { AuthorizationCache } from '../../src/registry/registry-session.ts';

/** Gives a client of a registry, whose requests end with `signal`. */
export type Connect = (registry: Registry, signal: AbortSignal) => Promise<RegistryClient>;

/** An account that the provider was configured with, for this registry only. */
export interface Account {
  readonly registry: string;
  readonly credentials: Credentials;
}

/**
 * Connects with the configured account where it belongs, and as the Docker config says elsewhere.
 * Credentials are looked up once for each registry, and tokens shared, however many images there are.
 */
export function connector(account: Account | undefined, env: NodeJS.ProcessEnv): Connect {
  const lookUps = new Map<Registry, Promise<Credentials | undefined>>();
  const caches = new Map<Registry, AuthorizationCache>();

  function lookUp(registry: Registry): Promise<Credentials | undefined> {
    if (account?.registry === registry) return Promise.resolve(account.credentials);
    const earlier = lookUps.get(registry);
    if (earlier !== undefined) return earlier;
    const first = credentialsFor(registry, env);
    lookUps.set(registry, first);
    return first;
  }

  return async (registry, signal) => {
    const authorizations = caches.get(registry) ?? new Map<string, Promise<string | undefined>>();
    caches.set(registry, authorizations);
    return registryClient({
      registry,
      credentials: await lookUp(registry),
      authorizations,
      signal,
    });
  };
}
