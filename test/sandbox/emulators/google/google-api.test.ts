import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGoogleApi } from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { PrerequisiteError } from '../../../../infra/toolchain/prerequisite-error.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';
import {
  advance,
  callApi,
  INVALID,
  NOON,
  PARENT,
  REPOSITORY,
  startApi,
  startWithRepository,
} from './started-api.ts';

const CLOCK = 'emulator/v1/clock';

/** An emulator whose registry is away. */
async function startAlone(clock?: () => number) {
  const folder = temporaryFolder();
  const api = await startGoogleApi({ registry: '127.0.0.1:1', folder, clock });
  onTestFinished(() => api.close());
  return (method: string, path: string, body?: object) => callApi(api.address, method, path, body);
}

test('the clock is set or moved on', async () => {
  const { call } = await startApi();
  for (const [move, now] of [
    [{ advance: '86400s' }, '2026-03-02T12:00:00.000Z'],
    [{ now: '2026-01-31T01:00:00+01:00' }, '2026-01-31T00:00:00.000Z'],
  ] as const) {
    expect((await call('PUT', CLOCK, move)).body).toEqual({ now });
    expect((await call('GET', CLOCK)).body).toEqual({ now });
  }
});

test.each([{}, { now: 'noon' }, { advance: '-1s' }, { now: NOON, advance: '1s' }])(
  'the clock is not moved by %j',
  async (body) => {
    const { call } = await startApi();
    expect(await call('PUT', CLOCK, body)).toMatchObject(INVALID);
    expect((await call('GET', CLOCK)).body).toEqual({ now: NOON });
  },
);

test('the clock goes on ticking', async () => {
  let real = Date.parse(NOON);
  const call = await startAlone(() => real);
  await call('PUT', CLOCK, { advance: '60s' });
  real += 1000;
  expect((await call('GET', CLOCK)).body).toEqual({ now: '2026-03-01T12:01:01.000Z' });
});

test('the clock, images and services are still there after a restart', async () => {
  const api = await startWithRepository();
  const path = 'ci-images/images/debian-12';
  const untagged = api.registry.push(path, 'one', 'latest');
  await advance(api, 86_400);
  api.registry.push(path, 'two', 'latest');
  const services = 'v1/projects/ci-images/services';
  await api.call('POST', `${services}/run.googleapis.com:enable`, {});
  const readAll = async () => {
    const places = [CLOCK, `v1/${REPOSITORY}/dockerImages`, services];
    return Promise.all(places.map(async (place) => (await api.call('GET', place)).body));
  };
  const before = await readAll();
  expect(JSON.stringify(before[1])).toContain(untagged);
  await api.restart();
  expect(await readAll()).toEqual(before);
});

test('a repository can be created and changed while the registry is away', async () => {
  const call = await startAlone();
  const path = `v1/${PARENT}/repositories?repository_id=images`;
  expect((await call('POST', path, { format: 'DOCKER' })).status).toBe(200);
  expect((await call('PATCH', `v1/${REPOSITORY}`, { description: 'x' })).status).toBe(200);
});

test.each(['{', '{"projects/p": {"format": 1}}'])(
  'the emulator does not start on the damaged state %s, and names the file',
  async (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'repositories.json'), text);
    const start = startGoogleApi({ registry: '127.0.0.1:1', folder });
    await expect(start).rejects.toThrow(PrerequisiteError);
    await expect(start).rejects.toThrow(join(folder, 'repositories.json'));
  },
);

test('the emulator does not start without the address of a registry', async () => {
  const start = startGoogleApi({ registry: 'http://127.0.0.1', folder: temporaryFolder() });
  await expect(start).rejects.toThrow(PrerequisiteError);
});
