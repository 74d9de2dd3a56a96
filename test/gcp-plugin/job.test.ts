import { describe, expect, test } from 'vitest';
import type { Properties } from '../../infra/plugin/resource-type.ts';
import { UnfinishedError } from '../../infra/plugin/unfinished-error.ts';
import { omit } from '../../infra/sandbox/gcp-plugin/property-text.ts';
import { scriptedGoogle, UNKNOWN, type Answer } from './scripted-google.ts';

const TYPE = 'gcp:cloudscheduler/job:Job';
const PARENT = 'projects/ci-images/locations/europe-west4';
const ID = `${PARENT}/jobs/refresh`;
const AT = `cloudscheduler/v1/${ID}`;
const CREATE = `POST cloudscheduler/v1/${PARENT}/jobs`;
const TARGET: Properties = {
  uri: 'https://ci.example.com',
  httpMethod: 'POST',
  body: 'e30=',
  headers: { Accept: 'text/plain' },
  oauthToken: { serviceAccountEmail: 'a@p.iam.gserviceaccount.com' },
};
const NEWS: Properties = {
  name: 'refresh',
  schedule: '0 0 * * *',
  retryConfig: { retryCount: 0, minBackoffDuration: '10s' },
  httpTarget: TARGET,
};
/** What Google has after `NEWS`: defaults written out, headers of its own. */
const THERE: Properties = {
  name: ID,
  schedule: '0 0 * * *',
  timeZone: 'Etc/UTC',
  attemptDeadline: '180s',
  state: 'ENABLED',
  scheduleTime: '2026-01-01T00:00:00Z',
  retryConfig: { retryCount: 0, minBackoffDuration: '10s', maxDoublings: 5 },
  httpTarget: {
    ...TARGET,
    uri: 'https://ci.example.com/',
    headers: {
      Accept: 'text/plain',
      'User-Agent': 'Google-Cloud-Scheduler',
      'Content-Type': 'application/octet-stream',
      'X-Google-Something': 'x',
    },
    oauthToken: {
      serviceAccountEmail: 'a@p.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    },
  },
};

const google = (answers: Record<string, Answer | readonly Answer[]> = {}) =>
  scriptedGoogle({
    [CREATE]: THERE,
    [`GET ${AT}`]: THERE,
    [`POST ${AT}:resume`]: THERE,
    [`POST ${AT}:pause`]: { ...THERE, state: 'PAUSED' },
    [`PATCH ${AT}`]: THERE,
    ...answers,
  });

async function made() {
  const { resource } = await google();
  return (await resource(TYPE).create(NEWS)).outputs;
}

describe('create', () => {
  test('sends the whole job under its full name, then always says whether it is paused', async () => {
    const { resource, asked, calls } = await google();
    const { id, outputs } = await resource(TYPE).create(NEWS);
    expect(id).toBe(ID);
    expect(calls()).toEqual([CREATE, `POST ${AT}:resume`, `GET ${AT}`]);
    expect(asked[0]?.body).toEqual({
      ...NEWS,
      name: ID,
      timeZone: 'Etc/UTC',
      attemptDeadline: '180s',
    });
    expect(asked[1]?.body).toEqual({});
    expect(outputs).toMatchObject({
      name: 'refresh',
      region: 'europe-west4',
      state: 'ENABLED',
      paused: false,
      httpTarget: { headers: { Accept: 'text/plain' } },
    });
  });

  test('of a paused job pauses it', async () => {
    const { resource, calls } = await google();
    await resource(TYPE).create({ ...NEWS, paused: true });
    expect(calls()).toContain(`POST ${AT}:pause`);
  });

  test('that fails after the job was made leaves it to the next run, which finishes it', async () => {
    const { resource } = await google({ [`POST ${AT}:pause`]: { status: 403 } });
    const news = { ...NEWS, paused: true };
    const create = resource(TYPE).create(news);
    await expect(create).rejects.toThrow(UnfinishedError);
    const left = await create.catch((error: unknown) => error as UnfinishedError);
    expect(left).toMatchObject({ id: ID, outputs: { paused: false, state: 'ENABLED' } });
    const outputs = (left as UnfinishedError).outputs;
    const next = await google();
    await next.resource(TYPE).update(ID, outputs, news);
    expect(next.calls()).toContain(`POST ${AT}:pause`);
  });

  test('without a name makes one up, and keeps it', async () => {
    const { resource } = await google();
    const news = { ...NEWS, name: null };
    const first = await resource(TYPE, 'refresh').check(news);
    expect(first.inputs['name']).toMatch(/^refresh-[0-9a-f]{7}$/);
    const second = await resource(TYPE, 'refresh').check(news, first.inputs);
    expect(second.inputs).toEqual(first.inputs);
  });

  test('in a preview knows its state', async () => {
    const { resource } = await google();
    const { outputs } = await resource(TYPE).create({ ...NEWS, paused: true }, true);
    expect(outputs).toMatchObject({ state: 'PAUSED', paused: true, name: 'refresh' });
    const open = await resource(TYPE).create(NEWS, true);
    expect(open.outputs).toMatchObject({ state: UNKNOWN, paused: UNKNOWN });
  });
});

describe('diff', () => {
  test('there is none after a create, whatever Google writes out or adds', async () => {
    const { resource } = await google();
    expect(await resource(TYPE).diff(await made(), NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test.each<[string, Properties, readonly string[]]>([
    ['name', { name: 'other' }, ['name']],
    ['region', { region: 'us-central1' }, ['region']],
    ['schedule', { schedule: '0 1 * * *' }, []],
    ['timeZone', { timeZone: 'Europe/Berlin' }, []],
    ['attemptDeadline', { attemptDeadline: '60s' }, []],
    ['paused', { paused: true }, []],
    ['retryConfig', { retryConfig: { retryCount: 1 } }, []],
    ['retryConfig', { retryConfig: UNKNOWN }, []],
    ['httpTarget', { httpTarget: { ...TARGET, body: 'e31=' } }, []],
    ['httpTarget', { httpTarget: { ...TARGET, headers: {} } }, []],
    ['httpTarget', { httpTarget: { ...TARGET, oauthToken: UNKNOWN } }, []],
  ])('a new %s %# replaces where no update can do it', async (property, change, replaces) => {
    const { resource } = await google();
    const difference = await resource(TYPE).diff(await made(), { ...NEWS, ...change });
    expect(difference).toEqual({ changed: [property], replaces });
  });

  test('a job that somebody paused is a difference only where the program says that it runs', async () => {
    const { resource } = await google();
    const paused = { ...(await made()), paused: true, state: 'PAUSED' };
    expect(await resource(TYPE).diff(paused, NEWS)).toMatchObject({ changed: [] });
    const runs = { ...NEWS, paused: false };
    expect(await resource(TYPE).diff(paused, runs)).toMatchObject({ changed: ['paused'] });
  });

  test('retries that the program takes back are a difference, those of Google are none', async () => {
    const { resource } = await google();
    const news = omit(NEWS, 'retryConfig');
    const outputs = await made();
    const diff = await resource(TYPE).diff(outputs, news, NEWS);
    expect(diff).toMatchObject({ changed: ['retryConfig'] });
    expect(await resource(TYPE).diff(outputs, news, news)).toMatchObject({ changed: [] });
  });
});

test('update sends the whole job without a mask, and pauses or resumes only on a change', async () => {
  const { resource, asked, calls } = await google();
  const outputs = await made();
  await resource(TYPE).update(ID, outputs, { ...NEWS, paused: false, description: 'new' });
  expect(calls()).toEqual([`PATCH ${AT}`, `GET ${AT}`]);
  expect(asked[0]?.body).toMatchObject({ description: 'new', schedule: '0 0 * * *' });
  expect(asked[0]?.body).not.toHaveProperty('paused');
  await resource(TYPE).update(ID, { ...outputs, paused: true }, { ...NEWS, paused: false });
  expect(calls()).toContain(`POST ${AT}:resume`);
});

test('read of a job that is gone, and delete of one, are well', async () => {
  const gone = { status: 404 };
  const { resource } = await google({ [`GET ${AT}`]: gone, [`DELETE ${AT}`]: gone });
  expect(await resource(TYPE).read(ID)).toBeUndefined();
  await resource(TYPE).delete(ID);
});

test.each([ID, 'ci-images/europe-west4/refresh', 'europe-west4/refresh', 'refresh'])(
  'an import of %s finds the job',
  async (id) => {
    const { resource } = await google();
    const state = await resource(TYPE).read(id);
    expect(state).toMatchObject({ id: ID, inputs: { name: 'refresh', schedule: '0 0 * * *' } });
  },
);

test.each<[string, Properties, string]>([
  ['no target', { httpTarget: null }, 'httpTarget'],
  ['two targets', { pubsubTarget: { topicName: 't' } }, 'pubsubTarget'],
  ['a target without an address', { httpTarget: { httpMethod: 'GET' } }, 'httpTarget'],
  ['two tokens', { httpTarget: { ...TARGET, oidcToken: { audience: 'x' } } }, 'httpTarget'],
  ["Google's headers", { httpTarget: { ...TARGET, headers: { 'X-Google-A': 'b' } } }, 'httpTarget'],
  ['a body in clear', { httpTarget: { ...TARGET, body: '{"a":1}' } }, 'httpTarget'],
])('check refuses %s', async (_, change, property) => {
  const { resource } = await google();
  const { failures } = await resource(TYPE).check({ ...NEWS, ...change });
  expect(failures.map((failure) => failure.property)).toEqual([property]);
});
