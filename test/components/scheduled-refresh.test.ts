import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import pulumi from '@pulumi/pulumi';
import { requiredApis } from '../../infra/components/google-apis.ts';
import { ScheduledRefresh } from '../../infra/components/scheduled-refresh.ts';
import type { RefreshSettings } from '../../src/settings/settings.ts';
import { someSettings } from '../settings/some-settings.ts';
import { echo, failing, resourcesOf } from '../support/recording-mocks.ts';

const ACCOUNT = 'gcp:serviceaccount/account:Account';
const ROLE = 'gcp:projects/iAMCustomRole:IAMCustomRole';
const MEMBER = 'gcp:projects/iAMMember:IAMMember';
const JOB = 'gcp:cloudscheduler/job:Job';

const EMAIL = 'refresh-images@some-project.iam.gserviceaccount.com';

const RESPOND = echo(ACCOUNT, ROLE, MEMBER, JOB);

const PLACE = { project: 'some-project', region: 'europe-west4' };

const TRIGGER = 'projects/builds/locations/global/triggers/refresh';

const REFRESH: RefreshSettings = {
  start: { kind: 'cloud-build', trigger: TRIGGER },
  schedule: '0 0 * * *',
  timeZone: 'Europe/Berlin',
  retries: 0,
  deadlineSeconds: 60,
  paused: false,
};

const declare = (
  changed: Partial<RefreshSettings> = {},
  repositoryId = 'images',
  respond = RESPOND,
) => {
  const refresh = { ...REFRESH, ...changed };
  const args = { ...PLACE, repositoryId, refresh };
  return resourcesOf(respond, () => new ScheduledRefresh('refresh', args));
};

describe('the job', () => {
  it('calls Cloud Build as its own account when the settings say, with no secret in it', async () => {
    const { inputs, options } = (await declare()).only(JOB);
    expect(inputs).toMatchObject({
      name: 'refresh-images',
      region: 'europe-west4',
      schedule: '0 0 * * *',
      timeZone: 'Europe/Berlin',
      attemptDeadline: '60s',
      paused: false,
    });
    // Google leaves out a 0.
    expect(inputs).not.toHaveProperty('retryConfig');
    // It is there only once its account may run the trigger.
    expect(options.parent).toBe('kubernetes-ci-images:index:ScheduledRefresh refresh');
    expect(options.dependencies).toContain(`${MEMBER} refresh-starter`);
    expect(inputs['httpTarget']).toEqual({
      uri: `https://cloudbuild.googleapis.com/v1/${TRIGGER}:run`,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{}').toString('base64'),
      oauthToken: {
        serviceAccountEmail: EMAIL,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      },
    });
  });

  it('pauses and retries as the settings say', async () => {
    const { inputs } = (await declare({ paused: true, retries: 2 })).only(JOB);
    expect(inputs).toMatchObject({ paused: true, retryConfig: { retryCount: 2 } });
  });

  it('calls where the gcp plug-in would, when that is set', async () => {
    const key = 'gcp:cloudBuildCustomEndpoint';
    pulumi.runtime.setConfig(key, 'http://127.0.0.1:5100/v1/');
    const { inputs } = (await declare()).only(JOB);
    pulumi.runtime.setConfig(key, '');
    const uri = `http://127.0.0.1:5100/v1/${TRIGGER}:run`;
    expect(inputs).toMatchObject({ httpTarget: { uri } });
  });
});

describe('its account', () => {
  it('may create builds in the project of the trigger, and nothing else', async () => {
    const resources = await declare();
    expect(resources.only(ROLE).inputs).toMatchObject({
      project: 'builds',
      roleId: 'refresh_images',
      permissions: ['cloudbuild.builds.create'],
    });
    expect(resources.only(MEMBER).inputs).toEqual({
      project: 'builds',
      role: 'projects/builds/roles/refresh_images',
      member: `serviceAccount:${EMAIL}`,
    });
  });

  // An account's id has 6 to 30 characters, the last of them no hyphen.
  it.each([
    ['images', 'refresh-images'],
    ['a', 'refresh-a'],
    ['0123456789-123456789-123456789', 'refresh-0123456789-123456789-1'],
    ['0123456789-1234567890-23456789', 'refresh-0123456789-1234567890'],
  ])('of %s is called %s', async (repositoryId, accountId) => {
    expect((await declare({}, repositoryId)).only(ACCOUNT).inputs).toMatchObject({ accountId });
  });
});

it('has names that come from the component alone', async () => {
  expect((await declare()).names).toEqual([
    `${JOB} refresh`,
    `${ROLE} refresh-starter`,
    `${MEMBER} refresh-starter`,
    `${ACCOUNT} refresh-starter`,
    'kubernetes-ci-images:index:BuildStarter refresh-starter',
    'kubernetes-ci-images:index:ScheduledRefresh refresh',
  ]);
});

it('keeps the job registered when its account could not be brought about', async () => {
  const respond = { ...RESPOND, ...failing(ACCOUNT, ROLE) };
  expect((await declare({}, 'images', respond)).names).toEqual(
    expect.arrayContaining([`${JOB} refresh`, `${MEMBER} refresh-starter`]),
  );
});

describe("a schedule that starts GitLab's pipeline", () => {
  const KEY = 'kubernetes-ci-images:refreshPipelineToken';
  const TOKEN = 'glptt-a&b=c+d %/ü';
  const url = 'https://gitlab.example.com/api/v4/projects/42/trigger/pipeline';
  const ref = 'release/a&b';
  const start = { kind: 'gitlab-pipeline', url, ref } as const;

  beforeEach(() => {
    pulumi.runtime.setConfig(KEY, TOKEN);
  });

  afterEach(() => {
    pulumi.runtime.setConfig(KEY, '');
  });

  it('posts the token and the ref as a form, without an account of Google', async () => {
    const { httpTarget, ...job } = (await declare({ start })).only(JOB).inputs;
    // How a secret is written on its way to the engine (pulumi/pulumi, "Property values").
    expect(httpTarget).toEqual({
      '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
      value: {
        uri: url,
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: expect.any(String) as unknown,
      },
    });
    const { value } = httpTarget as { value: { body: string } };
    const form = Buffer.from(value.body, 'base64').toString();
    expect([...new URLSearchParams(form)]).toEqual([
      ['token', TOKEN],
      ['ref', ref],
    ]);
    expect(JSON.stringify(job)).not.toContain('glptt');
  });

  it('needs no account, no role and no API of Cloud Build', async () => {
    expect((await declare({ start })).names).toEqual([
      `${JOB} refresh`,
      'kubernetes-ci-images:index:ScheduledRefresh refresh',
    ]);
    const refresh = { ...REFRESH, start };
    expect(requiredApis({ ...someSettings(), refresh })).toEqual([
      'artifactregistry.googleapis.com',
      'cloudscheduler.googleapis.com',
    ]);
  });
});
