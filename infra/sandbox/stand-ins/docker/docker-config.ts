import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of Docker's `config.json` that says how to log in. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

export interface Login {
  /** A registry, or the URL under which Docker knows Docker Hub. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Creates a configuration folder for the `docker` command, readable by this user only: the user's
 * own, so that base images from other registries, contexts and CLI plug-ins stay at hand, with
 * `login` on top. The caller removes it; what is left when the process exits is removed then.
 */
export function createDockerConfig({ server, username, password }: Login): string {
  const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  // mkdtemp makes it with mode 0700.
  const directory = mkdtempSync(join(tmpdir(), 'docker-config-'));
  removeAtExit(directory);
  for (const name of namesIn(own)) {
    if (name !== 'config.json') symlinkSync(join(own, name), join(directory, name));
  }
  const config = readConfig(join(own, 'config.json'));
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const merged: DockerConfig = {
    ...config,
    auths: { ...config.auths, [server]: { auth } },
    // An empty helper means "look into this file", even where a credential store is set for the rest.
    credHelpers: { ...config.credHelpers, [server]: '' },
  };
  writeFileSync(join(directory, 'config.json'), JSON.stringify(merged), { mode: 0o600 });
  return directory;
}

export function removeDockerConfig(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  left.delete(directory);
}

const left = new Set<string>();

function removeAtExit(directory: string): void {
  if (!process.listeners('exit').includes(removeLeft)) process.on('exit', removeLeft);
  left.add(directory);
}

function removeLeft(): void {
  for (const directory of left) rmSync(directory, { recursive: true, force: true });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No configuration of their own: Docker works without as well.
    return [];
  }
}

function readConfig(file: string): DockerConfig {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DockerConfig;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new Error(`cannot read Docker's configuration ${file}`, { cause: error });
  }
}
