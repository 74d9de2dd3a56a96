import { expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../../infra/oci/protocol/unary.ts';
import { callsFor, JOB, made } from './samples.ts';
import { UNKNOWN } from './scripted-google.ts';

const { at, create, get, patch } = callsFor(JOB);
const NEWS = JOB.news;
const TARGET = NEWS['httpTarget'] as Properties;
const WITHOUT_RETRIES = { name: 'refresh', schedule: '0 0 * * *', httpTarget: TARGET };

test('create always says whether the job is paused, and reads the result without headers of Google', async () => {
  const { outputs, calls } = await made(JOB);
  expect(calls()).toEqual([create, `POST ${at}:resume`, get]);
  expect(outputs).toMatchObject({ region: 'europe-west4', state: 'ENABLED', paused: false });
  expect(outputs['httpTarget']).toEqual(TARGET);
});

test('a create that fails after the job was made leaves it to the next run, which finishes it', async () => {
  const news = { ...NEWS, paused: true };
  const failing = made({ ...JOB, news }, { [`POST ${at}:pause`]: { status: 403 } });
  const left: unknown = await failing.catch((error: unknown) => error);
  expect(left).toBeInstanceOf(UnfinishedError);
  expect(left).toMatchObject({ outputs: { paused: false, state: 'ENABLED' } });
  const { outputs, id } = left as UnfinishedError;
  const { resource, calls } = await made(JOB);
  expect(await resource.diff(outputs, news)).toEqual({ changed: ['paused'], replaces: [] });
  await resource.update(id, outputs, news);
  expect(calls()).toContain(`POST ${at}:pause`);
});

test.each<[string, Properties]>([
  ['attemptDeadline', { attemptDeadline: '60s' }],
  ['paused', { paused: true }],
  ['retryConfig', { retryConfig: { retryCount: 2 } }],
  ['retryConfig', { retryConfig: UNKNOWN }],
  ['httpTarget', { httpTarget: { ...TARGET, headers: {} } }],
  ['httpTarget', { httpTarget: { ...TARGET, oauthToken: UNKNOWN } }],
])('a new %s %# is a difference', async (property, change) => {
  const { resource, outputs } = await made(JOB);
  const difference = await resource.diff(outputs, { ...NEWS, ...change });
  expect(difference).toEqual({ changed: [property], replaces: [] });
});

test('retries that the program takes back are a difference, those of Google are none', async () => {
  const { resource, outputs } = await made(JOB);
  const diff = await resource.diff(outputs, WITHOUT_RETRIES, NEWS);
  expect(diff).toMatchObject({ changed: ['retryConfig'] });
  const later = await resource.diff(outputs, WITHOUT_RETRIES, WITHOUT_RETRIES);
  expect(later).toMatchObject({ changed: [] });
});

test('update pauses or resumes only on a change', async () => {
  const { resource, calls, outputs, id } = await made(JOB);
  const before = calls().length;
  await resource.update(id, outputs, { ...NEWS, paused: false, description: 'new' });
  await resource.update(id, { ...outputs, paused: true }, { ...NEWS, paused: false });
  expect(calls().slice(before)).toEqual([patch, get, `POST ${at}:resume`, get]);
});

test('a refresh keeps the retries of the program, which Google completes', async () => {
  const { resource, outputs, id } = await made(JOB);
  expect((await resource.read(id, NEWS, outputs))?.inputs).toEqual(NEWS);
});
