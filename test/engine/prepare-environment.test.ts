import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeEach, expect, inject, test, vi } from 'vitest';
import { prepareEnvironment } from '../../infra/pipeline/prepare-environment.ts';
import { parseRegistry } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const { engine, pulumiHome } = inject('prerequisites');

// As on a runner that has an engine: a pipeline downloads or builds its own each time.
beforeEach(() => {
  vi.stubEnv('PATH', [dirname(engine.command), process.env['PATH']].join(delimiter));
});

const PIPELINE = {
  PULUMI_HOME: pulumiHome,
  GOOGLE_WORKLOAD_IDENTITY_PROVIDER:
    'projects/123/locations/global/workloadIdentityPools/ci/providers/gitlab',
  GOOGLE_SERVICE_ACCOUNT: 'image-publisher@my-project.iam.gserviceaccount.com',
  GOOGLE_ID_TOKEN: 'eyJ.tok.en',
  PATH: '/bin',
};
const say = () => undefined;
const registry = parseRegistry('registry.example');

test('the steps find the engine, and a login that is in no file and gone afterwards', async () => {
  const prepared = await prepareEnvironment({ env: PIPELINE, say, plugins: ['docker', 'gcp'] });
  const file = prepared.env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '';
  const folders = prepared.env['PATH']?.split(':') ?? [];
  expect(folders.some((folder) => existsSync(join(folder, 'pulumi')))).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain('eyJ');
  prepared.clear();
  expect(existsSync(dirname(file))).toBe(false);
});

test('nobody is logged in where no provider is set, and a wrong one begins nothing', async () => {
  const without = { ...PIPELINE, GOOGLE_WORKLOAD_IDENTITY_PROVIDER: '' };
  const { env: found, clear } = await prepareEnvironment({
    env: without,
    say,
    plugins: ['docker', 'gcp'],
  });
  expect(found['GOOGLE_APPLICATION_CREDENTIALS']).toBeUndefined();
  clear();
  expect(existsSync(dirname(found['NODE_COMPILE_CACHE'] ?? ''))).toBe(false);
  const wrong = { ...PIPELINE, GOOGLE_SERVICE_ACCOUNT: 'me' };
  await expect(prepareEnvironment({ env: wrong, say, plugins: ['docker', 'gcp'] })).rejects.toThrow(
    'GOOGLE_ACCOUNT_INVALID',
  );
});

test("Docker has the registry's account from Google, others from the user's configuration", async () => {
  const own = temporaryFolder();
  mkdirSync(join(own, 'contexts'));
  const auth = Buffer.from('somebody:of the user').toString('base64');
  const config = { auths: { 'other.example': { auth } }, currentContext: 'builder' };
  writeFileSync(join(own, 'config.json'), JSON.stringify(config));
  const { env, clear } = await prepareEnvironment({
    env: {
      ...process.env,
      PULUMI_HOME: pulumiHome,
      DOCKER_CONFIG: own,
      GOOGLE_OAUTH_ACCESS_TOKEN: 'of Google',
    },
    say,
    registry: { host: known(registry), login: 'google' },
    plugins: ['docker', 'gcp'],
  });
  const folder = env['DOCKER_CONFIG'] ?? '';
  const file = join(folder, 'config.json');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const written = JSON.parse(readFileSync(file, 'utf8')) as { readonly credsStore: string };
  expect(written).toEqual({ credsStore: 'ci-images', currentContext: 'builder' });
  expect(readdirSync(folder)).toContain('contexts');

  const helper = (command: string, input = '') =>
    execFileSync('sh', ['-c', `docker-credential-${written.credsStore} ${command} || true`], {
      ...{ env, input, encoding: 'utf8' },
    }).trim();
  expect(JSON.parse(helper('get', 'registry.example\n'))).toEqual({
    ...{ ServerURL: 'registry.example', Username: 'oauth2accesstoken', Secret: 'of Google' },
  });
  expect(JSON.parse(helper('get', 'other.example'))).toMatchObject({ Secret: 'of the user' });
  // The texts that Docker knows.
  expect(helper('get', 'unknown.example')).toBe('credentials not found in native keychain');
  expect(helper('list')).toBe('{}');
  expect(helper('store')).toContain('can only be read');
  clear();
  expect(existsSync(folder)).toBe(false);
});
