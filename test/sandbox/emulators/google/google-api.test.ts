import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startGoogleApi } from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { PrerequisiteError } from '../../../../infra/toolchain/prerequisite-error.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { createRepository, NOON, PARENT, apiError, REPOSITORY, startApi } from './started-api.ts';

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

  test.each([
    {},
    { now: 'noon' },
    { advance: '1d' },
    { advance: '-1s' },
    { now: NOON, advance: '1s' },
  ])('is not moved by %j', async (body) => {
    const { call } = await startApi();
    expect(await call('PUT', CLOCK, body)).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    expect((await call('GET', CLOCK)).body).toEqual({ now: NOON });
  });

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

test('everything is still there after a restart', async () => {
  const api = await startApi();
  await createRepository(api, { labels: { team: 'ci' } });
  const path = 'ci-images/images/debian-12';
  const untagged = api.registry.push(path, 'one', 'latest');
  await api.call('PUT', CLOCK, { advance: '86400s' });
  api.registry.push(path, 'two', 'latest');
  const policy = { bindings: [{ role: 'roles/viewer', members: ['allUsers'] }] };
  await api.call('POST', 'v1/projects/ci-images:setIamPolicy', { policy });
  await api.call('POST', 'v1/projects/ci-images/serviceAccounts', { accountId: 'runner' });
  const role = { title: 'R', includedPermissions: ['a.b.c'] };
  await api.call('POST', 'v1/projects/ci-images/roles', { roleId: 'runner', role });
  await api.call('POST', 'v1/projects/ci-images/services/run.googleapis.com:enable', {});
  const pools = 'v1/projects/ci-images/locations/global/workloadIdentityPools';
  await api.call('POST', `${pools}?workloadIdentityPoolId=runners`, {});
  await api.call('POST', `v1/${PARENT}/jobs`, {
    name: `${PARENT}/jobs/refresh`,
    schedule: '0 3 * * *',
    httpTarget: { uri: 'https://example.com' },
  });
  await api.call('POST', `v1/${PARENT}/jobs/refresh:pause`, {});
  const readAll = async () => {
    const bodies: unknown[] = [];
    for (const place of [
      CLOCK,
      `v1/${REPOSITORY}/dockerImages`,
      `v1/${REPOSITORY}`,
      'v1/projects/ci-images/serviceAccounts',
      'v1/projects/ci-images/roles',
      'v1/projects/ci-images/services',
      pools,
      `v1/${PARENT}/jobs`,
    ]) {
      const answer = await api.call('GET', place);
      expect(answer.status).toBe(200);
      bodies.push(answer.body);
    }
    return [...bodies, (await api.call('POST', 'v1/projects/ci-images:getIamPolicy')).body];
  };
  const before = await readAll();
  expect(JSON.stringify(before[1])).toContain(untagged);
  await api.restart();
  expect(await readAll()).toEqual(before);
});

test('what was deleted stays deleted after a restart', async () => {
  const api = await startApi();
  const accounts = 'v1/projects/ci-images/serviceAccounts';
  for (const accountId of ['runner', 'second']) await api.call('POST', accounts, { accountId });
  await api.call('DELETE', `${accounts}/second@ci-images.iam.gserviceaccount.com`);
  await api.restart();
  const { body } = await api.call('GET', accounts);
  expect((body as { accounts: object[] }).accounts).toHaveLength(1);
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
