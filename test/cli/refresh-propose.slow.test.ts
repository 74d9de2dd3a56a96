import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CATALOG } from './checkout-fixture.ts';
import * as fixture from './propose-fixture.ts';
import { GONE, NEW, refresh, upstream } from './refresh-fixture.ts';
import { git } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';

const { FILE, OLD } = fixture;

/** A registry in which the base of `debian-12` has moved, and a clone with that catalog, of main. */
async function moved(mode: fixture.Mode, more = '') {
  const { registry, asked } = await scriptedServer(upstream);
  const catalog = `${CATALOG}${more}`.replaceAll('docker.io', registry);
  const all = fixture.cloning(mode, 'detached checkout of a shallow clone', catalog);
  vi.stubEnv('DOCKER_CONFIG', temporaryFolder());
  const propose = refresh.bind(undefined, all.root, '--propose', '--branch', 'main');
  return { ...all, asked, propose };
}

test('--propose commits the changes, and the checkout is on that commit', async () => {
  const { server, root, start, tip, propose } = await moved('commit');
  const { status, stdout, stderr } = await propose();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const commit = tip('main');
  fixture.expectProposal(server, commit, start, NEW);
  expect(stdout).toMatch(/^debian-12 +[0-9a-f]{32} +[0-9a-f]{32}$/m);
  expect(stdout).toContain(`${FILE}: 1 value to propose.`);
  expect(stdout).toContain(`1 value committed to main of origin as ${commit}.`);
  fixture.expectCheckout(root, commit, NEW);
  expect((await propose()).stdout).toBe(`${FILE} is fresh.\n`);

  // As after a run that was killed after its push.
  git(root, ['reset', '--quiet', '--hard', start]);
  vi.stubEnv('GIT_COMMITTER_DATE', '2026-01-01T00:00:00Z');
  expect((await propose()).stdout).toContain(`already committed to main of origin as ${commit}`);
  fixture.expectCheckout(root, commit, NEW);
});

test('--propose opens a merge request, and never touches the catalog in the checkout', async () => {
  const { server, root, start, tip, propose } = await moved('merge-request');
  const before = statSync(join(root, FILE), { bigint: true });
  const { status, stdout } = await propose('--host', 'gitlab');
  expect(status).toBe(0);
  expect(stdout).toContain('1 value proposed for main on images-refresh of origin as');
  fixture.expectProposal(server, tip('images-refresh'), start, NEW);
  const again = await propose('--host', 'gitlab', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    written: false,
    proposal: { outcome: 'proposed', new: false, changes: [{ from: OLD, to: NEW }] },
  });
  fixture.expectCheckout(root, start, OLD);
  expect(statSync(join(root, FILE), { bigint: true })).toEqual(before);
});

test('a proposal that the server refuses leaves the checkout alone, and ends with 1', async () => {
  const { server, root, start, propose } = await moved('commit');
  fixture.writeHook(server.root, 'pre-receive', 'echo "no" >&2; exit 1');
  const { status, stdout, stderr } = await propose();
  expect(status).toBe(1);
  expect(stdout).toContain('1 value to propose.');
  expect(stderr).toContain('PUSH_REFUSED');
  fixture.expectCheckout(root, start, OLD);
});

test('a base that can not be looked up keeps nothing else from being proposed', async () => {
  const { propose } = await moved('commit', GONE);
  const { status, stdout, stderr } = await propose();
  expect(status).toBe(1);
  expect(stdout).toContain('committed to main');
  expect(stderr).toContain('BASE_MISSING');
});

test('--propose looks nothing up when it could not propose it', async () => {
  const { root, read, asked, propose } = await moved('merge-request');
  expect((await propose()).stderr).toContain('HOST_UNKNOWN');
  fixture.refreshTo(root, fixture.NEWER);
  const text = read();
  const { status, stderr } = await propose('--host', 'gitlab');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^config\/images\.yml {2}NOT_A_REFRESH\n/);
  expect(read()).toBe(text);
  expect(asked).toEqual([]);
  expect((await propose('--check')).status).toBe(2);
});
