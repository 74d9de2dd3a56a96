import type { Registry } from '../../src/image-reference.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import type { AuthorizationCache } from '../../src/registry/registry-session.ts';

/** Gives a client of a registry, whose requests end with `signal`. */
export type Connect = (registry: Registry, signal: AbortSignal) => Promise<RegistryClient>;

export interface Connector {
  readonly connect: Connect;
  /** Who asks a registry. */
  readonly credentialsFor: (registry: Registry) => Promise<Credentials | undefined>;
  /** From now on, and as long as the plug-in runs, this registry is asked with these credentials. */
  readonly logIn: (registry: Registry, credentials: Credentials) => void;
}

/** What asks a registry is loaded when one is to be asked: most previews ask none. */
const load = {
  client: () => import('../../src/registry/registry-client.ts'),
  dockerConfig: () => import('../../src/registry/credentials.ts'),
};

/** What is known of a registry: who asks it, and the tokens that it has given. */
interface Acquaintance {
  readonly credentials: Promise<Credentials | undefined>;
  readonly authorizations: AuthorizationCache;
}

/**
 * Connects with the login where there is one, and as the Docker config says elsewhere. Credentials are
 * looked up once for each registry, and tokens shared, however many images there are.
 */
export function connector(env: NodeJS.ProcessEnv): Connector {
  const known = new Map<Registry, Acquaintance>();
  const meet = (registry: Registry, credentials: Promise<Credentials | undefined>) => {
    const met = { credentials, authorizations: new Map<string, Promise<string | undefined>>() };
    known.set(registry, met);
    return met;
  };
  const acquaintance = (registry: Registry) =>
    known.get(registry) ??
    meet(
      registry,
      load.dockerConfig().then(({ credentialsFor }) => credentialsFor(registry, env)),
    );
  return {
    credentialsFor: (registry) => acquaintance(registry).credentials,
    logIn(registry, credentials) {
      // With tokens of its own: those of before were given to somebody else.
      meet(registry, Promise.resolve(credentials));
    },
    async connect(registry, signal) {
      const { authorizations, credentials } = acquaintance(registry);
      const { registryClient } = await load.client();
      return registryClient({
        registry,
        credentials: await credentials,
        authorizations,
        signal,
      });
    },
  };
}
