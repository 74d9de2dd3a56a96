import { describe, expect, test } from 'vitest';
import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { omit } from '../../../../infra/sandbox/stand-ins/gcp/property-text.ts';
import { UNKNOWN } from './scripted-google.ts';
import { AT, google, ID, made, NEWS, TARGET, THERE, TYPE } from './some-gcp-job.ts';

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

  test.each<Properties>([{ retryConfig: { maxDoublings: 5 } }, {}])(
    'retries that are 0 are none, also where Google answers %j',
    async (answered) => {
      const there = { ...omit(THERE, 'retryConfig'), ...answered };
      const { resource } = await google({ [`GET ${AT}`]: there });
      const news = { ...NEWS, paused: false, retryConfig: { retryCount: 0 } };
      const { outputs } = await resource(TYPE).create(news);
      expect(await resource(TYPE).diff(outputs, news, news)).toMatchObject({ changed: [] });
      const refreshed = await resource(TYPE).read(ID, news, outputs);
      expect(refreshed?.inputs).toMatchObject({ paused: false, retryConfig: { retryCount: 0 } });
      const some = { ...news, retryConfig: { retryCount: 1 } };
      const difference = await resource(TYPE).diff(outputs, some, news);
      expect(difference).toMatchObject({ changed: ['retryConfig'] });
    },
  );

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
