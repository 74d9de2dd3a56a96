import type { Registry } from '../../src/image-reference.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import type { AuthorizationCache } from '../../src/registry/registry-session.ts';

/**
 * Gives a client of a registry, whose requests end with `signal`. Where others push, it `reads` alone, and never asks for
 * the right to push: quay.io makes a repository for that, also one whose name is misspelled.
 */
export type Connect = (
  registry: Registry,
  signal: AbortSignal,
  use?: 'reads',
) => Promise<RegistryClient>;

/** Requests to a registry at a time: enough to be quick, few enough for every registry. */
export const REQUESTS_AT_ONCE = 16;

/** What all clients of one registry share. */
interface Login {
  /** Replaced when somebody logs in: clients at work go on with these. */
  credentials: Promise<Credentials | undefined>;
  /** Tokens that the registry gave for these credentials. */
  readonly authorizations: AuthorizationCache;
}

/**
 * Connects with the login where there is one, and with the credentials of the Docker config elsewhere. They
 * are looked up once for each registry, and its tokens are shared, however many images there are. The client
 * is loaded with the first request: most previews send none.
 */
export function connector(env: NodeJS.ProcessEnv) {
  // The account that a pipeline pushes with may not do all that this plug-in does, and a preview may not become it.
  const own = { ...env, GOOGLE_PUSHER: undefined };
  const known = new Map<Registry, Login>();
  const remember = (registry: Registry, credentials: Login['credentials']): Login => {
    const login: Login = { credentials, authorizations: new Map() };
    known.set(registry, login);
    return login;
  };
  const made = new Map<Registry, 'now' | 'later'>();
  const readDockerConfig = async (registry: Registry) => {
    const { credentialsFor } = await import('../../src/registry/credentials.ts');
    return credentialsFor(registry, own);
  };
  const loginOf = (registry: Registry) =>
    known.get(registry) ?? remember(registry, readDockerConfig(registry));
  const connect: Connect = async (registry, signal, use) => {
    const login = loginOf(registry);
    const { authorizations } = login;
    // A config that is of no use ends the request here.
    await login.credentials;
    const { registryClient } = await import('../../src/registry/registry-client.ts');
    return registryClient({
      registry,
      credentials: () => login.credentials,
      authorizations,
      mayMake: use === 'reads' ? undefined : made.get(registry),
      signal,
    });
  };
  return {
    connect,
    /** Takes a repository of the registry that is not there for one that this run makes, or a later one. */
    mayMake: (registry: Registry, when: 'now' | 'later') => {
      made.set(registry, when);
    },
    credentialsFor: (registry: Registry) => loginOf(registry).credentials,
    /** Uses these credentials for the registry from now on, as long as the plug-in runs. */
    logIn: (registry: Registry, credentials: Credentials) => {
      const login = known.get(registry) ?? remember(registry, Promise.resolve(credentials));
      login.credentials = Promise.resolve(credentials);
      login.authorizations.clear();
    },
  };
}
