import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Registry } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { hasErrorCode } from '../problem.ts';
import { accountOfVariable, decodeAuth, hostOf } from './auth-config-variable.ts';
import { runCredentialHelper, type Credentials } from './credential-helper.ts';
import { RegistryError } from './registry-error.ts';
import { isDockerHub } from './registry-origin.ts';

export type { Credentials };

const Account = z
  .object({
    auth: z.string(),
    username: z.string(),
    password: z.string(),
    identitytoken: z.string(),
  })
  .partial();

type Account = z.infer<typeof Account>;

/** All else is kept, too. */
const DockerConfig = z.looseObject({
  auths: z.record(z.string(), Account).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});

/** The name under which `docker login` files the account of Docker Hub. */
export const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** The name under which Docker files the account of a registry. */
export function dockerKey(registry: Registry): string {
  return isDockerHub(registry) ? DOCKER_HUB_KEY : registry;
}

/**
 * The account for `registry`: the one in DOCKER_AUTH_CONFIG, or the one that `docker login` left on this
 * machine, in the Docker config or in the credential helper that it names. As with Docker, the variable comes
 * before a helper, and a helper before the file. `undefined` without an account. Throws a RegistryError for a
 * broken config.
 */
export async function credentialsFor(
  registry: Registry,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const key = dockerKey(registry);
  const given = accountOfVariable(key, env);
  if (given !== undefined) return given;
  const file = path.join(dockerConfigFolder(env), 'config.json');
  const { auths, credHelpers, credsStore } = await loadDockerConfig(file);
  const helper = credHelpers[key] ?? credHelpers[registry] ?? credsStore;
  if (helper) return runCredentialHelper(helper, key, env);
  // Older clients filed accounts by address, such as `https://registry.example/v2/`.
  const isHost = isDockerHub(registry) ? isDockerHub : (host: string) => host === registry;
  const [, byHost] = Object.entries(auths).find(([one]) => isHost(hostOf(one))) ?? [];
  const account = auths[key] ?? byHost;
  return account && parseAccount(account, registry, file);
}

/** The absolute path of `$DOCKER_CONFIG`, or of `~/.docker`. */
export function dockerConfigFolder(env: NodeJS.ProcessEnv): string {
  const { DOCKER_CONFIG: folder = '', HOME: home = homedir() } = env;
  // An empty variable counts as none, as it does to Docker.
  return path.resolve(folder === '' ? path.join(home, '.docker') : folder);
}

/** An empty config where there is no file. Throws a RegistryError for a broken one. */
export async function loadDockerConfig(file: string): Promise<z.infer<typeof DockerConfig>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENOENT')) throw unreadable(file, cause);
    text = '{}';
  }
  // The errors from here on have no cause: it would quote the file, which holds passwords.
  const config = DockerConfig.safeParse(parseJson(text));
  if (!config.success) throw configError(file, 'is not a Docker config');
  return config.data;
}

function parseAccount(account: Account, registry: string, file: string): Credentials | undefined {
  const { auth, username, password, identitytoken: identityToken } = account;
  if (identityToken) return { identityToken };
  if (username && password) return { username, password };
  // `docker login` leaves an empty entry where a helper has the account.
  if (!auth) return undefined;
  const decoded = decodeAuth(auth);
  if (decoded !== undefined) return decoded;
  throw configError(file, `has an "auth" for ${registry} that is not user:password in base64`);
}

function unreadable(file: string, cause: unknown): RegistryError {
  const remedy = 'give this user the right to read it, or set DOCKER_CONFIG to another folder';
  return new RegistryError('DOCKER_CONFIG', `${file} cannot be read`, remedy, cause);
}

function configError(file: string, what: string): RegistryError {
  const remedy = 'correct it, or move it away and log in with `docker login` again';
  return new RegistryError('DOCKER_CONFIG', `${file} ${what}`, remedy);
}
