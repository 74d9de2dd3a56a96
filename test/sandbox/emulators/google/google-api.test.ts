import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startGoogleApi } from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { PrerequisiteError } from '../../../../infra/toolchain/prerequisite-error.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import {
  advance,
  apiError,
  createRepository,
  NOON,
  PARENT,
  REPOSITORY,
  startApi,
} from './started-api.ts';

const CLOCK = 'emulator/v1/clock';

describe('the clock', () => {
  test('is set or moved on', async () => {
    const { call } = await startApi();
    expect((await call('GET', CLOCK)).body).toEqual({ now: NOON });
    const moved = await call('PUT', CLOCK, { advance: '86400s' });
    expect(moved.body).toEqual({ now: '2026-03-02T12:00:00.000Z' });
    const set = await call('PUT', CLOCK, { now: '2026-01-31T01:00:00+01:00' });
    expect(set.body).toEqual({ now: '2026-01-31T00:00:00.000Z' });
    expect((await call('GET', CLOCK)).body).toEqual(set.body);
  });

  test.each([{}, { now: 'noon' }, { advance: '-1s' }, { now: NOON, advance: '1s' }])(
    'is not moved by %j',
    async (body) => {
      const { call } = await startApi();
      expect(await call('PUT', CLOCK, body)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
      expect((await call('GET', CLOCK)).body).toEqual({ now: NOON });
    },
  );

  test('goes on ticking', async () => {
    const folder = temporaryFolder();
    let real = Date.parse(NOON);
    const api = await startGoogleApi({ registry: '127.0.0.1:1', folder, clock: () => real });
    const show = async () => (await fetch(`http://${api.address}/${CLOCK}`)).json();
    await fetch(`http://${api.address}/${CLOCK}`, { method: 'PUT', body: '{"advance":"60s"}' });
    real += 1000;
    expect(await show()).toEqual({ now: '2026-03-01T12:01:01.000Z' });
    await api.close();
  });
});

test('the clock, images and services are still there after a restart', async () => {
  const api = await startApi();
  await createRepository(api);
  const path = 'ci-images/images/debian-12';
  const untagged = api.registry.push(path, 'one', 'latest');
  await advance(api, 86_400);
  api.registry.push(path, 'two', 'latest');
  const services = 'v1/projects/ci-images/services';
  await api.call('POST', `${services}/run.googleapis.com:enable`, {});
  const readAll = async () => {
    const places = [CLOCK, `v1/${REPOSITORY}/dockerImages`, services];
    const responses = places.map(async (place) => (await api.call('GET', place)).body);
    return Promise.all(responses);
  };
  const before = await readAll();
  expect(JSON.stringify(before[1])).toContain(untagged);
  await api.restart();
  expect(await readAll()).toEqual(before);
});

test('a repository can be read and changed while the registry is away', async () => {
  const folder = temporaryFolder();
  const api = await startGoogleApi({ registry: '127.0.0.1:1', folder });
  const send = (method: string, path: string, body: object) =>
    fetch(`http://${api.address}/v1/${path}`, {
      method,
      headers: { authorization: 'Bearer any' },
      body: JSON.stringify(body),
    });
  const created = await send('POST', `${PARENT}/repositories?repository_id=images`, {
    format: 'DOCKER',
  });
  const patched = await send('PATCH', `${REPOSITORY}?updateMask=description`, { description: 'x' });
  expect([created.status, patched.status]).toEqual([200, 200]);
  await api.close();
});

describe('the emulator does not start', () => {
  test('on a state that is damaged, and names the file', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    for (const text of ['{', '{"projects/p": {"format": 1}}']) {
      writeFileSync(join(folder, 'repositories.json'), text);
      const start = startGoogleApi({ registry: '127.0.0.1:1', folder });
      await expect(start).rejects.toThrow(PrerequisiteError);
      await expect(start).rejects.toThrow(join(folder, 'repositories.json'));
    }
  });

  test('without the address of a registry', async () => {
    const start = startGoogleApi({ registry: 'http://127.0.0.1', folder: temporaryFolder() });
    await expect(start).rejects.toThrow(PrerequisiteError);
  });
});
