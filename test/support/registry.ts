import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** An account of a registry that was started with `auth`. */
export const REGISTRY_ACCOUNT = { username: 'ci', password: 'open sesame' };

/** Its other account: Google's user name for an access token, and the one token that it takes. */
export const TOKEN_ACCOUNT = {
  username: 'oauth2accesstoken',
  password: 'token-of-whoever-runs-the-engine',
};

// bcrypt, the only hash that the registry takes, of the passwords above.
const HTPASSWD = [
  'ci:$2b$04$4CTrMlpBVgRzPhXp6tnDHeb9T1Mw0hDNgDlPGkO0.TiNlBx5SiM0m',
  'oauth2accesstoken:$2b$04$6bZqQm1Xw0Jv8sR3tYpKaecszOrst5XDOhTWrxwoL/mAvlb7eaeWW',
  '',
].join('\n');

export interface StartedRegistry {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Ends it and waits until it has ended; what was pushed stays in its folder. */
  stop(): Promise<void>;
}

interface RegistryOptions {
  readonly dir: string;
  /** That of an earlier one, to start it again where it was; any free one when absent. */
  readonly port?: number;
  readonly auth?: boolean;
  readonly deletes?: boolean;
  /** Debian's when absent. */
  readonly program?: string;
}

/**
 * A real OCI registry on loopback, with its storage in `dir`: distribution, which Debian has as `$DOCKER_REGISTRY`, or
 * `docker-registry` on PATH.
 */
export async function startRegistry({
  program = process.env['DOCKER_REGISTRY'] ?? 'docker-registry',
  ...options
}: RegistryOptions): Promise<StartedRegistry> {
  const { dir } = options;
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'htpasswd'), HTPASSWD);
  const config = path.join(dir, 'config.json');
  await writeFile(config, JSON.stringify(configuration(options)));
  return startListening(program, ['serve', config], /listening on 127\.0\.0\.1:(\d+)/);
}

/** The registry of go-containerregistry, which has all in its memory and knows no accounts. */
export async function startMemoryRegistry(program: string): Promise<StartedRegistry> {
  return startListening(program, ['-port', '0'], /serving on port (\d+)/);
}

/** JSON is YAML, which is what the registry reads. */
function configuration({ dir, port = 0, auth = false, deletes = true }: RegistryOptions) {
  return {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: path.join(dir, 'storage') },
      delete: { enabled: deletes },
    },
    http: { addr: `127.0.0.1:${port}` },
    ...(auth && { auth: { htpasswd: { realm: 'test', path: path.join(dir, 'htpasswd') } } }),
  };
}

/** Starts a registry; its log is the only place where it says which port it got. */
async function startListening(
  program: string,
  args: readonly string[],
  sign: RegExp,
): Promise<StartedRegistry> {
  // Version 3 of distribution reports to a collector of traces otherwise.
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await new Promise<string>((resolve, reject) => {
    let log = '';
    child.once('error', () => {
      reject(new Error(`cannot start ${program}: apt-get install docker-registry`));
    });
    child.once('exit', () => {
      reject(new Error(`${program} ended:\n${log}`));
    });
    createInterface(child.stderr).on('line', (line) => {
      log += `${line}\n`;
      const found = sign.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
