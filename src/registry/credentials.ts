import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Registry } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { hasErrorCode } from '../problem.ts';
import { accountOfVariable, decodeAuth, hostOf } from './auth-config-variable.ts';
import { RegistryError } from './registry-error.ts';
import { isDockerHub } from './registry-origin.ts';

/** The account at a registry. An identity token is an OAuth 2 refresh token. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly identityToken: string };

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
    if (!hasErrorCode(cause, 'ENOENT')) throw configError(file, 'cannot be read', cause);
    text = '{}';
  }
  // Without a cause from here on: those errors quote the file, and it holds passwords.
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

function configError(file: string, what: string, cause?: unknown): RegistryError {
  const remedy = 'correct it, or move it away and log in with `docker login` again';
  return new RegistryError('DOCKER_CONFIG', `${file} ${what}`, remedy, cause);
}

/** The protocol of docker/docker-credential-helpers. */
const HelperOutput = z.object({ Username: z.string(), Secret: z.string() });

/** The user name of an identity token. */
export const IDENTITY_TOKEN_USER = '<token>';

/** How a helper ended: `code` is its exit code, the one of a system call, or absent after a success. */
interface Ended {
  readonly stdout: string;
  readonly code?: number | string | null;
}

/** Milliseconds: a helper may call a cloud, or wait for somebody to unlock a key ring. */
const TIMEOUT = 60_000;

/**
 * Runs `docker-credential-<name>`, found by `env.PATH`, for the account at `server`, an address as
 * Docker writes it. `undefined` when the helper has none. Throws a RegistryError when it fails, without
 * its output, which may hold the secret.
 */
async function runCredentialHelper(
  name: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  // The name comes from a file: it may choose a program on PATH, not one anywhere else.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw helperError(program, 'is not a program name');
  const running = promisify(execFile)(program, ['get'], { env, timeout: TIMEOUT });
  // A helper may end without reading; its exit code decides.
  running.child.stdin?.on('error', () => undefined).end(server);
  const { stdout, code }: Ended = await running.catch((error: unknown) => error as Ended);
  if (typeof code === 'string') throw helperError(program, 'could not be started');
  if (code !== undefined) {
    if (stdout.toLowerCase().includes('credentials not found')) return undefined;
    throw helperError(program, `failed for ${server}`);
  }
  const account = HelperOutput.safeParse(parseJson(stdout)).data;
  if (account === undefined) throw helperError(program, `printed no account for ${server}`);
  const { Username: username, Secret: secret } = account;
  if (username === IDENTITY_TOKEN_USER) return { identityToken: secret };
  return { username, password: secret };
}

function helperError(program: string, what: string): RegistryError {
  const problem = `${program}, which the Docker config names, ${what}`;
  const remedy = 'install or repair it, or take it out of the Docker config';
  return new RegistryError('DOCKER_CONFIG', problem, remedy);
}
