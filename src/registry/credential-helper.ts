import { spawn } from 'node:child_process';
import { z } from 'zod';
import type { Credentials } from './credentials.ts';
import { RegistryError } from './registry-error.ts';

/** The protocol of docker/docker-credential-helpers. */
const HelperAnswer = z.object({ Username: z.string(), Secret: z.string() });

/** The user name that stands for "the secret is an identity token". */
const IDENTITY_TOKEN_USER = '<token>';

/** Milliseconds; helpers may have to ask a cloud, or wait for somebody to unlock a key ring. */
const LONGEST_RUN = 60_000;

/**
 * Asks `docker-credential-<name>` (found by `env.PATH`) for the account at `server`, an address as
 * Docker writes it. `undefined` when the helper knows none. Throws `DOCKER_CONFIG` when it fails;
 * what it printed is not repeated, since it may hold the secret.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  // The name comes from a file: it may choose a program on PATH, not one anywhere else.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw failed(program, 'is not a program name');
  const { code, output } = await run(program, server, env);
  if (code !== 0) {
    if (output.toLowerCase().includes('credentials not found')) return undefined;
    throw failed(program, `failed for ${server}`);
  }
  const answer = parseAnswer(output);
  if (answer === undefined) throw failed(program, `gave no answer for ${server}`);
  const { Username: username, Secret: secret } = answer;
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
      reject(failed(program, 'could not be started', cause));
    });
    child.once('close', (code) => {
      resolve({ code, output });
    });
    // A helper may end without reading; its exit code says what matters.
    child.stdin.on('error', () => undefined).end(input);
  });
}

function parseAnswer(output: string) {
  try {
    return HelperAnswer.safeParse(JSON.parse(output)).data;
  } catch {
    return undefined;
  }
}

function failed(program: string, what: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'DOCKER_CONFIG',
    `${program}, which the Docker config names, ${what}`,
    'install or mend it, or take it out of the Docker config',
    cause,
  );
}
