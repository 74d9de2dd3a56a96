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
  REPOSITORY,
  SECRET,
  startApi,
  startWithRepository,
} from './started-api.ts';

const CLOCK = 'emulator/v1/clock';

test.each([{}, { advance: '-1s' }, { advance: '1s', now: NOON }])(
  'the clock is not moved by %j',
  async (body) => {
    const { call } = await startApi();
    expect(await call('PUT', CLOCK, body)).toMatchObject(INVALID);
    expect((await call('GET', CLOCK)).body).toEqual({ now: NOON });
  },
);

test('the clock is moved on, and goes on ticking', async () => {
  let real = Date.parse(NOON);
  const folder = temporaryFolder();
  const options = { registry: '127.0.0.1:1', folder, secret: SECRET, clock: () => real };
  const api = await startGoogleApi(options);
  onTestFinished(() => api.close());
  const moved = await callApi(api.address, 'PUT', CLOCK, { advance: '60s' });
  expect(moved.body).toEqual({ now: '2026-03-01T12:01:00.000Z' });
  real += 1000;
  const { body } = await callApi(api.address, 'GET', CLOCK);
  expect(body).toEqual({ now: '2026-03-01T12:01:01.000Z' });
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

test.each(['{', '{"projects/p": {"format": 1}}'])(
  'the emulator does not start on the damaged state %s, and names the file',
  async (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'repositories.json'), text);
    const start = startGoogleApi({ registry: '127.0.0.1:1', folder, secret: SECRET });
    await expect(start).rejects.toThrow(PrerequisiteError);
    await expect(start).rejects.toThrow(join(folder, 'repositories.json'));
  },
);
