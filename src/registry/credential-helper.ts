import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { parseJson } from '../json.ts';
import { RegistryError } from './registry-error.ts';

/** The account at a registry. An identity token is an OAuth 2 refresh token. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };

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
export async function runCredentialHelper(
  name: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  // The name comes from a file: it may choose a program on PATH, not one anywhere else.
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    throw helperError(program, 'is not a program name', TAKE_OUT);
  const running = promisify(execFile)(program, ['get'], { env, timeout: TIMEOUT });
  // A helper may end without reading; its exit code decides.
  running.child.stdin?.on('error', () => undefined).end(server);
  const { stdout, code }: Ended = await running.catch((error: unknown) => error as Ended);
  if (typeof code === 'string') {
    throw helperError(program, 'could not be started', `install it on PATH, or ${TAKE_OUT}`);
  }
  if (code !== undefined) {
    if (stdout.toLowerCase().includes('credentials not found')) return undefined;
    throw helperError(program, `failed for ${server}`, `see why: echo ${server} | ${program} get`);
  }
  const account = HelperOutput.safeParse(parseJson(stdout)).data;
  if (account === undefined) {
    const remedy = 'log in with its own command again, or renew the program';
    throw helperError(program, `printed no account for ${server}`, remedy);
  }
  const { Username: username, Secret: secret } = account;
  if (username === IDENTITY_TOKEN_USER) return { identityToken: secret };
  return { username, password: secret };
}

const TAKE_OUT = 'take it out of the Docker config';

function helperError(program: string, what: string, remedy: string): RegistryError {
  const problem = `${program}, which the Docker config names, ${what}`;
  return new RegistryError('DOCKER_CONFIG', problem, remedy);
}
