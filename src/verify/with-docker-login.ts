import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registry } from '../image-reference.ts';
import { dockerConfigFolder, loadDockerConfig, type Credentials } from '../registry/credentials.ts';
import { basicAuthorization } from '../url.ts';

/**
 * Runs `work` with an environment in which the Docker client is logged in to a registry. The rest of the
 * user's config, such as the engine, applies, too. The login is removed afterwards. Throws a RegistryError
 * for a config that can't be read.
 */
export async function withDockerLogin<Result>(
  registry: Registry,
  credentials: Credentials,
  env: NodeJS.ProcessEnv,
  work: (env: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<Result> {
  const own = dockerConfigFolder(env);
  const login =
    'identityToken' in credentials
      ? { identitytoken: credentials.identityToken }
      : { auth: basicAuthorization(credentials.username, credentials.password).split(' ')[1] };
  const folder = await mkdtemp(join(tmpdir(), 'docker-login-'));
  try {
    const config = await loadDockerConfig(join(own, 'config.json'));
    // Credential helpers come before logins, so they go.
    const others = { ...config, credsStore: undefined, credHelpers: undefined };
    const text = JSON.stringify({ ...others, auths: { [registry]: login } });
    await writeFile(join(folder, 'config.json'), text, { mode: 0o600 });
    await symlink(join(own, 'contexts'), join(folder, 'contexts'));
    return await work({ ...env, DOCKER_CONFIG: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
