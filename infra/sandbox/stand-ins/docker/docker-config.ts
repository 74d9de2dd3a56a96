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
import type { Log } from '../../../oci/protocol/resource-type.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import type { ImageInputs } from './image-inputs.ts';

/** The part of Docker's `config.json` with logins. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Folders with passwords that must not outlive this process. */
const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * Creates a configuration folder for the `docker` command, readable by this user only, with the
 * program's login to the image's registry on top of the user's own configuration: base images from
 * other registries, contexts and CLI plug-ins stay at hand. Returns `undefined` where the program gives
 * no login. The caller removes the folder; the end of this process removes a folder that is left.
 */
export function createDockerConfig(
  { imageName, registry: login }: ImageInputs,
  log: Log,
): string | undefined {
  const { username = '', password = '' } = login ?? {};
  const registry = parseImageReference(imageName)?.registry;
  if (username === '' || password === '' || registry === undefined) {
    if (username !== password) {
      log('warning', "registry has half a login: using the credentials of Docker's configuration");
    }
    return undefined;
  }
  const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  // mkdtemp makes it with mode 0700.
  const folder = mkdtempSync(join(tmpdir(), 'docker-config-'));
  folders.add(folder);
  for (const name of namesIn(own)) {
    if (name !== 'config.json') symlinkSync(join(own, name), join(folder, name));
  }
  const config = readConfig(join(own, 'config.json'));
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const merged: DockerConfig = {
    ...config,
    auths: { ...config.auths, [registry]: { auth } },
    // An empty helper means "look into this file", even where a credential store is set for the rest.
    credHelpers: { ...config.credHelpers, [registry]: '' },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(merged), { mode: 0o600 });
  return folder;
}

export function removeDockerConfig(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** A user may have no configuration. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
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
