import { describe, expect, test } from 'vitest';
import { advance, createRepository, REPOSITORY, startApi, type StartedApi } from './started-api.ts';

const PATH = 'ci-images/images/debian-12';
const DAY = 86_400;
const nameOf = (digest: string) => `${REPOSITORY}/packages/debian-12/versions/${digest}`;
const OLD = { action: 'DELETE', condition: { olderThan: `${30 * DAY}s` } };

async function cleanUp({ call }: StartedApi): Promise<Record<string, unknown>> {
  const { status, body } = await call('POST', 'emulator/v1/cleanup', {});
  expect(status).toBe(200);
  const [report = {}] = (body as { repositories: Record<string, unknown>[] }).repositories;
  return report;
}

const digests = (api: StartedApi) => api.registry.held().map((name) => name.split('@')[1]);

describe('the clean-up', () => {
  test('deletes what is old from the registry, keeps what a KEEP names, and says why', async () => {
    const api = await startApi();
    await createRepository(api, {
      cleanupPolicies: {
        old: OLD,
        newest: { action: 'KEEP', mostRecentVersions: { keepCount: 1 } },
        aliases: { action: 'KEEP', condition: { tagState: 'TAGGED', tagPrefixes: ['latest'] } },
      },
    });
    const alias = api.registry.push(PATH, 'alias', '1', 'latest');
    await advance(api, DAY);
    const old = api.registry.push(PATH, 'old', '2');
    await advance(api, 40 * DAY);
    const young = api.registry.push(PATH, 'young', '3');
    await advance(api, 1);
    const newest = api.registry.push(PATH, 'newest', '4');
    const elsewhere = api.registry.push('ci-images/other/debian-12', 'elsewhere', '1');
    expect(await cleanUp(api)).toEqual({
      repository: REPOSITORY,
      dryRun: false,
      deleted: [nameOf(old)],
      blocked: [],
      kept: expect.arrayContaining([
        { version: nameOf(alias), policies: ['aliases'] },
        { version: nameOf(young), policies: [] },
        { version: nameOf(newest), policies: ['newest'] },
      ]) as unknown,
    });
    expect(new Set(digests(api))).toEqual(new Set([alias, young, newest, elsewhere]));
    expect(await cleanUp(api)).toMatchObject({ deleted: [] });
  });

  test('in a dry run deletes nothing and writes what it would into the audit log', async () => {
    const api = await startApi();
    await createRepository(api, { cleanupPolicies: { old: OLD }, cleanupPolicyDryRun: true });
    const old = api.registry.push(PATH, 'old', '1');
    expect(await cleanUp(api)).toMatchObject({ deleted: [] });
    expect((await api.call('GET', 'emulator/v1/auditLog')).body).toEqual({ entries: [] });
    await advance(api, 31 * DAY);
    expect(await cleanUp(api)).toMatchObject({ dryRun: true, deleted: [nameOf(old)] });
    expect(digests(api)).toEqual([old]);
    const { body } = await api.call('GET', 'emulator/v1/auditLog');
    expect(body).toMatchObject({
      entries: [
        {
          timestamp: '2026-04-01T12:00:00.000Z',
          logName: 'projects/ci-images/logs/cloudaudit.googleapis.com%2Fdata_access',
          protoPayload: {
            serviceName: 'artifactregistry.googleapis.com',
            methodName: 'google.devtools.artifactregistry.v1.ArtifactRegistry.BatchDeleteVersions',
            request: {
              parent: `${REPOSITORY}/packages/-`,
              names: [nameOf(old)],
              validateOnly: true,
            },
          },
        },
      ],
    });
    await api.call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicyDryRun`, {});
    expect(await cleanUp(api)).toMatchObject({ dryRun: false, deleted: [nameOf(old)] });
    expect(digests(api)).toEqual([]);
  });

  test('deletes an index first, and what it refers to in the next run only', async () => {
    const api = await startApi();
    await createRepository(api, { cleanupPolicies: { old: OLD } });
    const child = api.registry.push(PATH, 'child');
    const index = api.registry.pushIndex(PATH, [child], 'latest');
    await advance(api, 31 * DAY);
    expect(await cleanUp(api)).toMatchObject({
      deleted: [nameOf(index)],
      blocked: [nameOf(child)],
    });
    expect(digests(api)).toEqual([child]);
    expect(await cleanUp(api)).toMatchObject({ deleted: [nameOf(child)], blocked: [] });
  });

  test('never deletes the child of an index that stays, though it has no tag', async () => {
    const api = await startApi();
    const untagged = { action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: '0s' } };
    await createRepository(api, { cleanupPolicies: { untagged } });
    const child = api.registry.push(PATH, 'child');
    const index = api.registry.pushIndex(PATH, [child], 'latest');
    await advance(api, DAY);
    expect(await cleanUp(api)).toMatchObject({ deleted: [], blocked: [nameOf(child)] });
    expect(digests(api)).toEqual([child, index]);
  });

  test('deletes no tagged version while tags are immutable', async () => {
    const api = await startApi();
    const dockerConfig = { immutableTags: true };
    await createRepository(api, { cleanupPolicies: { old: OLD }, dockerConfig });
    const tagged = api.registry.push(PATH, 'tagged', '1');
    await advance(api, 31 * DAY);
    expect(await cleanUp(api)).toMatchObject({ deleted: [], blocked: [nameOf(tagged)] });
    expect(digests(api)).toEqual([tagged]);
  });
});
