import { spawn, type ChildProcess } from 'node:child_process';
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

/**
 * A real OCI registry on loopback, with its storage in `dir`. Give the `port` of an earlier one to
 * start it again where it was; any free one otherwise. The program is `$DOCKER_REGISTRY`, or
 * `docker-registry` on PATH.
 */
export async function startRegistry({
  dir,
  port = 0,
  auth = false,
}: {
  dir: string;
  port?: number;
  auth?: boolean;
}): Promise<StartedRegistry> {
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'htpasswd'), HTPASSWD);
  const config = path.join(dir, 'config.json');
  await writeFile(config, JSON.stringify(configuration(dir, port, auth)));
  const program = process.env['DOCKER_REGISTRY'] ?? 'docker-registry';
  const child = spawn(program, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await listening(child, program);
  return {
    address,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

/** JSON is YAML, which is what the registry reads. */
function configuration(dir: string, port: number, auth: boolean) {
  return {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: path.join(dir, 'storage') },
      delete: { enabled: true },
    },
    http: { addr: `127.0.0.1:${port}` },
    ...(auth && { auth: { htpasswd: { realm: 'test', path: path.join(dir, 'htpasswd') } } }),
  };
}

/** Its log is the only place where the registry says which port it got. */
function listening(child: ChildProcess, program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.once('error', () => {
      reject(new Error(`cannot start ${program}: apt-get install docker-registry`));
    });
    child.once('exit', () => {
      reject(new Error(`${program} ended:\n${log}`));
    });
    if (child.stderr === null) return;
    createInterface(child.stderr).on('line', (line) => {
      log += `${line}\n`;
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}
