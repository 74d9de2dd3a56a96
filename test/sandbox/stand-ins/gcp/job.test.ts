import { expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { callsFor, JOB, made } from './samples.ts';
import { UNKNOWN } from './scripted-google.ts';

const { at, create, get } = callsFor(JOB);
const NEWS = JOB.news;
const TARGET = NEWS['httpTarget'] as Properties;

test('create always says whether the job is paused, and reads the result without headers of Google', async () => {
  const { outputs, calls } = await made(JOB);
  expect(calls()).toEqual([create, `POST ${at}:resume`, get]);
  expect(outputs).toMatchObject({ region: 'europe-west4', state: 'ENABLED', paused: false });
  expect(outputs['httpTarget']).toEqual(TARGET);
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
