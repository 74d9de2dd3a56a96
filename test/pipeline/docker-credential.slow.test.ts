import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { googleCredentials, PROGRAMS } from '../../infra/pipeline/prepare-environment.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';
import { known } from '../support/fixtures.ts';

const REGISTRY = 'registry.example';

const json = (body: object): Line => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const EXCHANGED = json({
  access_token: 'federated',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3600,
});

const ofAccount = (accessToken: string) =>
  json({ accessToken, expireTime: '2099-01-01T00:00:00Z' });

test('each push of a long run gets a new token, and none of an earlier push', async () => {
  const { origin } = await scriptedServer(
    EXCHANGED,
    ofAccount('of the first push'),
    EXCHANGED,
    ofAccount('of the last push'),
  );
  const variables = {
    GOOGLE_WORKLOAD_IDENTITY_PROVIDER:
      'projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab',
    GOOGLE_SERVICE_ACCOUNT: 'image-publisher@p.iam.gserviceaccount.com',
    GOOGLE_ID_TOKEN: 'eyJ.tok.en',
  };
  const file = join(temporaryFolder(), 'credentials.json');
  const hosts = /https:\/\/(?:sts|iamcredentials)[^/]*/g;
  const credentials = JSON.stringify(known(googleCredentials(variables)));
  writeFileSync(file, credentials.replaceAll(hosts, origin));
  const env = {
    ...process.env,
    ...variables,
    GOOGLE_OAUTH_ACCESS_TOKEN: '',
    GOOGLE_PUSHER: '',
    GOOGLE_APPLICATION_CREDENTIALS: file,
    GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: '1',
    IMAGES_REGISTRY: REGISTRY,
    PATH: `${PROGRAMS}:${process.env['PATH'] ?? ''}`,
  };
  for (const Secret of ['of the first push', 'of the last push']) {
    const asking = promisify(execFile)('docker-credential-ci-images', ['get'], { env });
    asking.child.stdin?.end(REGISTRY);
    const login = JSON.parse((await asking).stdout) as unknown;
    expect(login).toEqual({ ServerURL: REGISTRY, Username: 'oauth2accesstoken', Secret });
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
  const asking = promisify(execFile)('docker-credential-ci-images', ['get'], { env });
  asking.child.stdin?.end(REGISTRY);
  const login = JSON.parse((await asking).stdout) as unknown;
  expect(login).toEqual({ ServerURL: REGISTRY, Username: 'robot', Secret });
});
