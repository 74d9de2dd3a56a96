import { parseJson } from '../json.ts';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { basicAuthorization } from '../url.ts';
import type { Credentials } from '../registry/credentials.ts';
import type { Registry } from '../image-reference.ts';

/**
 * Does some work with an environment in which the Docker client is logged in to a registry, and as it was
 * in all else: which engine it talks to is in its config, too. The user's own config is not touched, and
 * nothing of the login stays. Rejects when there is a config that can't be read.
 */
export async function withDockerLogin<Result>(
  registry: Registry,
  credentials: Credentials,
  env: NodeJS.ProcessEnv,
  work: (env: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<Result> {
  const { DOCKER_CONFIG = '', HOME = homedir() } = env;
  const own = resolve(DOCKER_CONFIG === '' ? join(HOME, '.docker') : DOCKER_CONFIG);
  const folder = await mkdtemp(join(tmpdir(), 'docker-login-'));
  try {
    const config = withLogin(await readConfig(join(own, 'config.json')), registry, credentials);
    await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    await symlink(join(own, 'contexts'), join(folder, 'contexts'));
    return await work({ ...env, DOCKER_CONFIG: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readConfig(file: string): Promise<object> {
  const config = parseJson(await readFile(file, 'utf8').catch(textOfNothing));
  if (typeof config === 'object' && config !== null) return config;
  // Without a cause: it would quote the file, which holds passwords.
  throw new Error(`${file} is no JSON object: correct it, or move it away`);
}

function textOfNothing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
  throw error;
}

/** Credential helpers come before logins, so they go. */
function withLogin(config: object, registry: Registry, credentials: Credentials): object {
  const login =
    'identityToken' in credentials
      ? { identitytoken: credentials.identityToken }
      : { auth: basicAuthorization(credentials.username, credentials.password).split(' ')[1] };
  const others = Object.entries(config).filter(([key]) => !/^cred(?:sStore|Helpers)$/.test(key));
  return { ...Object.fromEntries(others), auths: { [registry]: login } };
}
