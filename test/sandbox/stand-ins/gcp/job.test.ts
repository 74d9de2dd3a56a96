import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../../infra/oci/protocol/unary.ts';
import { pick } from '../../../../infra/sandbox/stand-ins/gcp/property.ts';
import { UNKNOWN } from './scripted-google.ts';
import { AT, CREATE, google, ID, NEWS, TARGET, TYPE } from './some-gcp-job.ts';

const WITHOUT_RETRIES = pick(NEWS, ['name', 'schedule', 'httpTarget']);

/** The outputs after a first run. */
async function made() {
  const { resource } = await google();
  return (await resource(TYPE).create(NEWS)).outputs;
}

describe('create', () => {
  test('sends the whole job under its full name, then always says whether it is paused', async () => {
    const { resource, sent, calls } = await google();
    const { id, outputs } = await resource(TYPE).create(NEWS);
    expect(id).toBe(ID);
    expect(calls()).toEqual([CREATE, `POST ${AT}:resume`, `GET ${AT}`]);
    expect(sent[0]?.body).toEqual({
      ...NEWS,
      name: ID,
      timeZone: 'Etc/UTC',
      attemptDeadline: '180s',
    });
    expect(outputs).toMatchObject({
      name: 'refresh',
      region: 'europe-west4',
      state: 'ENABLED',
      paused: false,
      httpTarget: { headers: { Accept: 'text/plain' } },
    });
  });

  test('that fails after the job was made leaves it to the next run, which finishes it', async () => {
    const { resource } = await google({ [`POST ${AT}:pause`]: { status: 403 } });
    const news = { ...NEWS, paused: true };
    const left: unknown = await resource(TYPE)
      .create(news)
      .catch((error: unknown) => error);
    expect(left).toBeInstanceOf(UnfinishedError);
    expect(left).toMatchObject({ id: ID, outputs: { paused: false, state: 'ENABLED' } });
    const { outputs } = left as UnfinishedError;
    const next = await google();
    expect(await next.resource(TYPE).diff(outputs, news)).toMatchObject({ replaces: [] });
    await next.resource(TYPE).update(ID, outputs, news);
    expect(next.calls()).toContain(`POST ${AT}:pause`);
  });
});

describe('diff', () => {
  test('there is none after a create, whatever Google writes out or adds', async () => {
    const { resource } = await google();
    expect(await resource(TYPE).diff(await made(), NEWS)).toEqual({ changed: [], replaces: [] });
  });

  test.each<[string, Properties, readonly string[]]>([
    ['name', { name: 'other' }, ['name']],
    ['attemptDeadline', { attemptDeadline: '60s' }, []],
    ['paused', { paused: true }, []],
    ['retryConfig', { retryConfig: { retryCount: 2 } }, []],
    ['retryConfig', { retryConfig: UNKNOWN }, []],
    ['httpTarget', { httpTarget: { ...TARGET, body: 'e31=' } }, []],
    ['httpTarget', { httpTarget: { ...TARGET, headers: {} } }, []],
    ['httpTarget', { httpTarget: { ...TARGET, oauthToken: UNKNOWN } }, []],
  ])('a new %s %# replaces where no update can do it', async (property, change, replaces) => {
    const { resource } = await google();
    const difference = await resource(TYPE).diff(await made(), { ...NEWS, ...change });
    expect(difference).toEqual({ changed: [property], replaces });
  });

  test('a job that others paused is a difference where the program says that it runs', async () => {
    const { resource } = await google();
    const paused = { ...(await made()), paused: true, state: 'PAUSED' };
    const difference = await resource(TYPE).diff(paused, { ...NEWS, paused: false });
    expect(difference).toMatchObject({ changed: ['paused'] });
  });

  test('retries that the program takes back are a difference, those of Google are none', async () => {
    const { resource } = await google();
    const outputs = await made();
    const diff = await resource(TYPE).diff(outputs, WITHOUT_RETRIES, NEWS);
    expect(diff).toMatchObject({ changed: ['retryConfig'] });
    const later = await resource(TYPE).diff(outputs, WITHOUT_RETRIES, WITHOUT_RETRIES);
    expect(later).toMatchObject({ changed: [] });
  });
});

test('update sends the whole job without a mask, and pauses or resumes only on a change', async () => {
  const { resource, sent, calls } = await google();
  const outputs = await made();
  await resource(TYPE).update(ID, outputs, { ...NEWS, paused: false, description: 'new' });
  expect(calls()).toEqual([`PATCH ${AT}`, `GET ${AT}`]);
  expect(sent[0]?.body).toMatchObject({ description: 'new', schedule: '0 0 * * *' });
  expect(sent[0]?.body).not.toHaveProperty('paused');
  await resource(TYPE).update(ID, { ...outputs, paused: true }, { ...NEWS, paused: false });
  expect(calls().slice(2)).toEqual([`POST ${AT}:resume`, `GET ${AT}`]);
});

test('a refresh keeps the retries of the program, which Google completes', async () => {
  const { resource } = await google();
  const state = await resource(TYPE).read(ID, NEWS, await made());
  expect(state?.inputs).toEqual(NEWS);
});
