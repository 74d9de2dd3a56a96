import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { printedBy } from './printed-by.ts';
import { REPOSITORY, startAtNoon, started } from './registry-project.ts';

const DELETE_ALL = { action: 'DELETE', condition: { tagState: 'ANY', olderThan: '7776000s' } };

startAtNoon();

/** A repository that others own, and a checkout whose branches need `image` of it. */
async function borrowed(cleanupPolicies: Record<string, unknown>, image = 'debian-12:v1') {
  const { api, root, push } = await started(image, { cleanupPolicies });
  const file = join(root, 'Pulumi.prod.yaml');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { config: Record<string, unknown> };
  settings.config['kubernetes-ci-images:destination'] = 'borrowed';
  writeFileSync(file, JSON.stringify(settings));
  return { api, push, run: (...args: string[]) => printedBy(root, 'retention', ...args) };
}

test("a needed version that the owners' policy deletes has its day, code 3, and what to propose", async () => {
  const { api, push, run } = await borrowed({ 'delete-all': DELETE_ALL });
  const digest = push('needed', 'v1');
  const { status, stdout, stderr } = await run();
  expect(status).toBe(3);
  expect(stderr).toBe(
    `warning: the owners' policy delete-all deletes debian-12@${digest} on 2026-05-30, which ci main (tests/a.yml:1), ci release-1.0 (tests/a.yml:1) needs\n`,
  );
  expect(stdout).toContain('2026-05-30');
  expect(stdout).toContain('"type": "Keep"');
  expect(stdout).toContain('cleanup_policies {');
  const { status: code, stdout: proposed } = await run('--policy', 'json');
  expect(code).toBe(3);
  const policies = JSON.parse(proposed) as { name: string; condition?: object }[];
  const digests = policies.find(({ name }) => name === 'keep-digests');
  expect(digests).toMatchObject({ condition: { versionNamePrefixes: [digest] } });
  expect((await run('--policy', 'hcl')).stdout).toContain(digest);

  // As the owners would take it.
  const json = JSON.parse((await run('--json')).stdout) as {
    doomed: { goesAt: string }[];
    proposal: { terraform: string };
  };
  expect(json.doomed).toMatchObject([{ digest, goesAt: '2026-05-30T12:00:00.000Z' }]);
  const kept = { action: 'KEEP', condition: { tagState: 'ANY', versionNamePrefixes: [digest] } };
  await api.call('PATCH', `${REPOSITORY}?updateMask=cleanupPolicies`, {
    cleanupPolicies: { 'delete-all': DELETE_ALL, 'keep-digests': kept },
  });
  expect(await run()).toMatchObject({ status: 0, stderr: '' });
});

test('policies that only log are no danger', async () => {
  const { api, push, run } = await borrowed({ 'delete-all': DELETE_ALL });
  push('needed', 'v1');
  await api.call('PATCH', `${REPOSITORY}?updateMask=cleanupPolicyDryRun`, {
    cleanupPolicyDryRun: true,
  });
  const { status, stderr } = await run();
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining('would delete, were it no dry run'),
  ]);
});

test('what the owners have deleted and the catalog builds no more is lost; what it builds is news', async () => {
  const lost = await borrowed({}, 'debian-12:0123456789abcdef0123456789abcdef');
  const found = await lost.run();
  expect([found.status, found.stderr]).toEqual([3, expect.stringContaining('no run publishes it')]);
  const news = await borrowed({}, 'debian-12');
  expect(await news.run()).toMatchObject({ status: 0 });
});

test('a repository of the stack itself has nobody to propose policies to', async () => {
  const { root } = await started();
  const { status, stderr } = await printedBy(root, 'retention', '--policy', 'json');
  expect([status, stderr]).toEqual([1, expect.stringContaining('NOT_BORROWED')]);
});
