import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { PROGRAMS } from '../../infra/pipeline/prepare-environment.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { loggedInJob, startTokenService } from '../support/token-service.ts';

const REGISTRY = 'registry.example';

/** What Docker is given to log in with. */
async function login(env: NodeJS.ProcessEnv): Promise<unknown> {
  const asking = promisify(execFile)('docker-credential-ci-images', ['get'], { env });
  asking.child.stdin?.end(REGISTRY);
  return JSON.parse((await asking).stdout);
}

test('each push of a long run gets a new token, and none of an earlier push', async () => {
  const tokens = await startTokenService(3_600_000);
  onTestFinished(() => tokens.close());
  const env = {
    ...process.env,
    ...loggedInJob(tokens.origin, temporaryFolder()),
    ...{ GOOGLE_OAUTH_ACCESS_TOKEN: '', GOOGLE_PUSHER: '', IMAGES_REGISTRY: REGISTRY },
  };
  for (const Secret of ['ya29.1', 'ya29.2']) {
    expect(await login(env)).toEqual({
      ServerURL: REGISTRY,
      Username: 'oauth2accesstoken',
      Secret,
    });
  }
});

test.each([
  ['the variables', { REGISTRY_USERNAME: 'robot', REGISTRY_TOKEN: 'of CI' }, 'of CI'],
  ['the Docker configuration', {}, 'of the user'],
])('a registry that is not of Google gets the account of %s', async (_, variables, Secret) => {
  const own = temporaryFolder();
  const auth = Buffer.from('robot:of the user').toString('base64');
  writeFileSync(join(own, 'config.json'), JSON.stringify({ auths: { [REGISTRY]: { auth } } }));
  const env = {
    ...process.env,
    ...{ REGISTRY_USERNAME: '', REGISTRY_TOKEN: '', DOCKER_AUTH_CONFIG: '', ...variables },
    ...{ IMAGES_REGISTRY: REGISTRY, IMAGES_REGISTRY_LOGIN: 'own', IMAGES_DOCKER_CONFIG: own },
    PATH: `${PROGRAMS}:${process.env['PATH'] ?? ''}`,
  };
  expect(await login(env)).toEqual({ ServerURL: REGISTRY, Username: 'robot', Secret });
});
