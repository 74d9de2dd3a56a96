import { expect, test } from 'vitest';
import { advance, PATH, REPOSITORY, startWithRepository } from './started-api.ts';

const DAY = 86_400;
const nameOf = (digest: string) => `${REPOSITORY}/packages/debian-12/versions/${digest}`;
const OLD = { action: 'DELETE', condition: { olderThan: `${30 * DAY}s` } };

/** An emulator with policies; `digests` are those that the registry holds. */
async function start(body: object) {
  const api = await startWithRepository(body);
  const { call, registry } = api;
  const cleanUp = async () => {
    const { body } = await call('POST', 'emulator/v1/cleanup', {});
    return (body as { repositories: object[] }).repositories[0];
  };
  return {
    ...api,
    wait: (seconds: number) => advance(api, seconds),
    cleanUp,
    digests: () => registry.held().map((name) => name.split('@')[1]),
  };
}

test('a dry run deletes nothing, and logs what it would delete', async () => {
  const { call, push, wait, digests, cleanUp } = await start({
    cleanupPolicies: { old: OLD },
    cleanupPolicyDryRun: true,
  });
  const old = push('old', '1');
  const log = async () => (await call('GET', 'emulator/v1/auditLog')).body;
  expect(await cleanUp()).toMatchObject({ deleted: [] });
  expect(await log()).toEqual({ entries: [] });
  await wait(31 * DAY);
  expect(await cleanUp()).toMatchObject({ dryRun: true, deleted: [nameOf(old)] });
  expect(digests()).toEqual([old]);
  const parent = `${REPOSITORY}/packages/-`;
  const request = { parent, names: [nameOf(old)], validateOnly: true };
  expect(await log()).toMatchObject({
    entries: [{ timestamp: '2026-04-01T12:00:00.000Z', protoPayload: { request } }],
  });
  await call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicyDryRun`, {});
  expect(await cleanUp()).toMatchObject({ dryRun: false, deleted: [nameOf(old)] });
  expect(digests()).toEqual([]);
});

const UNTAGGED = { action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: '0s' } };

test('the clean-up deletes an index first, and what it refers to in the next run only', async () => {
  const { registry, push, wait, digests, cleanUp } = await start({
    cleanupPolicies: { old: OLD, untagged: UNTAGGED },
  });
  const child = push('child');
  const index = registry.pushIndex(PATH, [child], 'latest');
  await wait(DAY);
  // The child has no tag, but the index stays.
  expect(await cleanUp()).toMatchObject({ deleted: [], blocked: [nameOf(child)] });
  expect(digests()).toEqual([child, index]);
  await wait(30 * DAY);
  const blocked = [nameOf(child)];
  expect(await cleanUp()).toMatchObject({ deleted: [nameOf(index)], blocked });
  expect(digests()).toEqual([child]);
  expect(await cleanUp()).toMatchObject({ deleted: blocked, blocked: [] });
});

test('the clean-up deletes no tagged version while tags are immutable', async () => {
  const body = { cleanupPolicies: { old: OLD }, dockerConfig: { immutableTags: true } };
  const { push, wait, digests, cleanUp } = await start(body);
  const tagged = push('tagged', '1');
  await wait(31 * DAY);
  expect(await cleanUp()).toMatchObject({ deleted: [], blocked: [nameOf(tagged)] });
  expect(digests()).toEqual([tagged]);
});
