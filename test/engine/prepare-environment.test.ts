import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { beforeEach, expect, inject, test, vi } from 'vitest';
import { prepareEnvironment } from '../../infra/pipeline/prepare-environment.ts';

const { engine, pulumiHome } = inject('prerequisites');

// As on a runner that has an engine: a pipeline downloads or builds its own each time.
beforeEach(() => {
  vi.stubEnv('PATH', [dirname(engine.command), process.env['PATH']].join(delimiter));
});

const env = {
  PULUMI_HOME: pulumiHome,
  GOOGLE_WORKLOAD_IDENTITY_PROVIDER:
    'projects/123/locations/global/workloadIdentityPools/ci/providers/gitlab',
  GOOGLE_SERVICE_ACCOUNT: 'image-publisher@my-project.iam.gserviceaccount.com',
  GOOGLE_ID_TOKEN: 'eyJ.tok.en',
  PATH: '/bin',
};
const silent = () => undefined;

test('the steps find the engine, and a login that is gone afterwards', async () => {
  const prepared = await prepareEnvironment(env, silent);
  const file = prepared.env['GOOGLE_APPLICATION_CREDENTIALS'] ?? '';
  expect(existsSync(`${prepared.env['PATH']?.split(':')[0] ?? ''}/pulumi`)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { credential_source: source } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly credential_source: { readonly file: string };
  };
  expect(readFileSync(source.file, 'utf8')).toBe('eyJ.tok.en');
  prepared.clear();
  expect(existsSync(dirname(file))).toBe(false);
});

test('nobody is logged in where no provider is set, and a wrong one begins nothing', async () => {
  const without = { ...env, GOOGLE_WORKLOAD_IDENTITY_PROVIDER: '' };
  const { env: found, clear } = await prepareEnvironment(without, silent);
  expect(found['GOOGLE_APPLICATION_CREDENTIALS']).toBeUndefined();
  clear();
  expect(existsSync(dirname(found['NODE_COMPILE_CACHE'] ?? ''))).toBe(false);
  const wrong = { ...env, GOOGLE_SERVICE_ACCOUNT: 'me' };
  await expect(prepareEnvironment(wrong, silent)).rejects.toThrow('GOOGLE_ACCOUNT_INVALID');
});
