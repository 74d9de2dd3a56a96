import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import pulumi from '@pulumi/pulumi';
import { requiredApis } from '../../infra/components/google-apis.ts';
import { ScheduledRefresh } from '../../infra/components/scheduled-refresh.ts';
import type { RefreshSettings } from '../../src/settings/settings.ts';
import { echo, resourcesOf } from '../support/recording-mocks.ts';

const JOB = 'gcp:cloudscheduler/job:Job';
const KEY = 'kubernetes-ci-images:refreshPipelineToken';
const TOKEN = 'glptt-a&b=c+d %/ü';
const URL_OF_42 = 'https://gitlab.example.com/api/v4/projects/42/trigger/pipeline';

const REFRESH: RefreshSettings = {
  start: { kind: 'gitlab-pipeline', url: URL_OF_42, ref: 'release/a&b' },
  schedule: '0 0 * * *',
  timeZone: 'Europe/Berlin',
  retries: 2,
  deadlineSeconds: 60,
  paused: true,
};

const PLACE = { project: 'some-project', region: 'europe-west4', repositoryId: 'images' };

const declare = () =>
  resourcesOf(echo(JOB), () => new ScheduledRefresh('refresh', { ...PLACE, refresh: REFRESH }));

beforeEach(() => {
  pulumi.runtime.setConfig(KEY, TOKEN);
});

afterEach(() => {
  pulumi.runtime.setConfig(KEY, '');
});

it("posts the token and the ref as a form, as nobody that Google knows, and tells GitLab's pipeline nothing else", async () => {
  const { httpTarget, ...job } = (await declare()).only(JOB).inputs;
  const { value } = httpTarget as { value: { body: string } };
  const { body, ...target } = value;
  expect(target).toEqual({
    uri: URL_OF_42,
    httpMethod: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  const form = Buffer.from(body, 'base64').toString();
  expect([...new URLSearchParams(form)]).toEqual([
    ['token', TOKEN],
    ['ref', 'release/a&b'],
  ]);
  expect(job).toMatchObject({ name: 'refresh-images', paused: true, schedule: '0 0 * * *' });
  expect(JSON.stringify(job)).not.toContain('glptt');
});

it('needs no account, no role and no API of Cloud Build', async () => {
  expect((await declare()).names).toEqual([
    `${JOB} refresh`,
    'kubernetes-ci-images:index:ScheduledRefresh refresh',
  ]);
  expect(requiredApis({ enableApis: true, identity: undefined, refresh: REFRESH })).toEqual([
    'artifactregistry.googleapis.com',
    'cloudscheduler.googleapis.com',
  ]);
});

it('tells the engine that what the job calls is a secret', async () => {
  // How a secret is written on its way to the engine (pulumi/pulumi, "Property values").
  expect((await declare()).only(JOB).inputs).toMatchObject({
    httpTarget: { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270' },
  });
});
