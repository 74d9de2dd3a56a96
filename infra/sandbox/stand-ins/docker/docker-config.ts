import type { Log } from '../../../oci/protocol/resource-type.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import type { ImageInputs } from './image-inputs.ts';
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

const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/**
 * The login that the program gives for the registry of an image, or `undefined` when Docker's own
 * configuration has to do: without a user name and password, or with only one of them, which is
 * worth a warning.
 */
export function registryLogin(inputs: ImageInputs, log: Log): Login | undefined {
  const { server, username = '', password = '' } = inputs.registry;
  if (username === '' || password === '') {
    if (username !== password) {
      const absent = username === '' ? 'user name' : 'password';
      log('warning', `registry has no ${absent}: using the credentials of Docker's configuration`);
    }
    return undefined;
  }
  const host = hostOf(server) ?? parseImageReference(inputs.imageName)?.registry;
  if (host === undefined) return undefined;
  // The key under which the docker command has always looked for Docker Hub's credentials.
  const key = DOCKER_HUB.includes(host) ? 'https://index.docker.io/v1/' : host;
  return { server: key, username, password };
}

function hostOf(server: string | undefined): string | undefined {
  const host = server?.replace(/^https?:\/\//, '').split('/')[0];
  return host === '' ? undefined : host;
}

/** The part of Docker's `config.json` that says how to log in. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

interface Login {
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
