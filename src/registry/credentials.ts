import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Registry } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { RegistryError } from './registry-error.ts';
import { isDockerHub } from './registry-origin.ts';

/** The account at a registry. An identity token is an OAuth 2 refresh token. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly identityToken: string };

const Account = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

type Account = z.infer<typeof Account>;

const DockerConfig = z.object({
  auths: z.record(z.string(), Account).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});

/** The name under which `docker login` files the account of Docker Hub. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/**
 * The account for `registry` that `docker login` left on this machine: in `$DOCKER_CONFIG/config.json`
 * or `~/.docker/config.json`, or in the credential helper that it names. As with Docker, a helper
 * comes before the file. `undefined` when there is none. Throws a RegistryError for a broken config.
 */
export async function credentialsFor(
  registry: Registry,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const file = configFile(env);
  const config = await loadConfig(file);
  if (config === undefined) return undefined;
  const key = isDockerHub(registry) ? DOCKER_HUB_KEY : registry;
  const helper = config.credHelpers[key] ?? config.credHelpers[registry] ?? config.credsStore;
  if (helper !== undefined && helper !== '') return runCredentialHelper(helper, key, env);
  const account = config.auths[key] ?? findByHost(config.auths, hostOf(key));
  return account === undefined ? undefined : parseAccount(account, registry, file);
}

function configFile(env: NodeJS.ProcessEnv): string {
  const { DOCKER_CONFIG: folder = '', HOME: home = homedir() } = env;
  // An empty variable is as good as none, to Docker too.
  return path.join(folder === '' ? path.join(home, '.docker') : folder, 'config.json');
}

async function loadConfig(file: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw configError(file, 'cannot be read', cause);
  }
  // Without a cause from here on: those errors quote the file, and it holds passwords.
  const config = DockerConfig.safeParse(parseJson(text));
  if (!config.success) throw configError(file, 'is not a Docker config');
  return config.data;
}

/** Older clients filed accounts by address, such as `https://registry.example/v2/`. */
function findByHost(auths: Readonly<Record<string, Account>>, host: string): Account | undefined {
  return Object.entries(auths).find(([key]) => hostOf(key) === host)?.[1];
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*/, '');
}

function parseAccount(account: Account, registry: string, file: string): Credentials | undefined {
  if (account.identitytoken) return { identityToken: account.identitytoken };
  if (account.username && account.password) {
    return { username: account.username, password: account.password };
  }
  // `docker login` leaves an empty entry where a helper has the account.
  if (!account.auth) return undefined;
  const [username = '', ...password] = Buffer.from(account.auth, 'base64').toString().split(':');
  if (username === '' || password.length === 0) {
    throw configError(file, `has an "auth" for ${registry} that is not user:password in base64`);
  }
  return { username, password: password.join(':') };
}

function configError(file: string, what: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'DOCKER_CONFIG',
    `${file} ${what}`,
    'correct it, or move it away and log in with `docker login` again',
    cause,
  );
}

/** The protocol of docker/docker-credential-helpers. */
const HelperOutput = z.object({ Username: z.string(), Secret: z.string() });

/** The user name of an identity token. */
const IDENTITY_TOKEN_USER = '<token>';

/** Milliseconds: a helper may call a cloud, or wait for somebody to unlock a key ring. */
const LONGEST_RUN = 60_000;

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
  const { code, output } = await run(program, server, env);
  if (code !== 0) {
    if (output.toLowerCase().includes('credentials not found')) return undefined;
    throw helperError(program, `failed for ${server}`);
  }
  const account = HelperOutput.safeParse(parseJson(output)).data;
  if (account === undefined) throw helperError(program, `printed no account for ${server}`);
  const { Username: username, Secret: secret } = account;
  if (username === IDENTITY_TOKEN_USER) return { identityToken: secret };
  return { username, password: secret };
}

function run(program: string, input: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(program, ['get'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: LONGEST_RUN,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (cause) => {
      reject(helperError(program, 'could not be started', cause));
    });
    child.once('close', (code) => {
      resolve({ code, output });
    });
    // A helper may end without reading; its exit code decides.
    child.stdin.on('error', () => undefined).end(input);
  });
}

function helperError(program: string, what: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'DOCKER_CONFIG',
    `${program}, which the Docker config names, ${what}`,
    'install or repair it, or take it out of the Docker config',
    cause,
  );
}
