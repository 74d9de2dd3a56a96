import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

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
 * Creates a configuration folder for the `docker` command, readable by this user only, with a login to
 * `registry` on top of the user's own configuration: base images from other registries, contexts and CLI
 * plug-ins stay at hand. The caller removes the folder; the end of this process removes a folder that is left.
 */
export function createDockerConfig(
  registry: string,
  { username, password }: { readonly username: string; readonly password: string },
): string {
  const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  // mkdtemp makes it with mode 0700.
  const folder = mkdtempSync(join(tmpdir(), 'docker-config-'));
  folders.add(folder);
  const names = existsSync(own) ? readdirSync(own) : [];
  for (const name of names) {
    if (name !== 'config.json') symlinkSync(join(own, name), join(folder, name));
  }
  const config = names.includes('config.json') ? readConfig(join(own, 'config.json')) : {};
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

function readConfig(file: string): DockerConfig {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DockerConfig;
  } catch (error) {
    throw new Error(`cannot read Docker's configuration ${file}`, { cause: error });
  }
}
