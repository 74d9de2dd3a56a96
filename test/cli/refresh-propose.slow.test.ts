import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { CATALOG, ENTRY } from './checkout-fixture.ts';
import * as fixture from './propose-fixture.ts';
import { refresh } from './printed-by.ts';
import { git } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { digestOf } from '../../src/registry/manifest.ts';

vi.setConfig({ testTimeout: 30_000 });

const { FILE, OLD } = fixture;
const BRANCH = 'images-refresh';
const INDEX = '{"manifests":[{"platform":{"os":"linux","architecture":"amd64"}}]}';
const NEW = digestOf(new TextEncoder().encode(INDEX));
const headers = { 'content-length': String(INDEX.length), 'docker-content-digest': NEW };

beforeEach(() => {
  vi.stubEnv('DOCKER_CONFIG', temporaryFolder());
});

/** A registry in which the base of `debian-12` has moved, and a clone with that catalog. */
async function moved(mode: 'commit' | 'merge-request', more = '') {
  const { registry, asked } = await scriptedServer(({ url }) =>
    url.includes('/gone/') ? { status: 404 } : { status: 200, headers, body: INDEX },
  );
  const catalog = `${CATALOG}${more}`.replaceAll('docker.io', registry);
  const kind = 'a detached checkout of a shallow clone';
  const all = fixture.cloning(mode, kind, catalog);
  vi.stubEnv('DOCKER_CONFIG', temporaryFolder());
  return { ...all, asked, propose: refresh.bind(undefined, all.root, '--propose') };
}

const inCommit = { stdout: expect.stringContaining('committed to main') as unknown };

test('--propose commits the changes, and the checkout is on that commit', async () => {
  const { server, root, start, tip, propose, read } = await moved('commit');
  const { status, stdout, stderr } = await propose('--branch', 'main');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const commit = tip('main');
  expect(server.git('rev-parse', `${commit}^`)).toBe(start);
  expect(server.git('diff', '--name-only', start, commit)).toBe(FILE);
  expect(stdout).toMatch(/^debian-12 +[0-9a-f]{32} +[0-9a-f]{32}$/m);
  expect(stdout).toContain(`${FILE}: 1 value to propose.`);
  expect(stdout).toContain(`1 value committed to main of origin as ${commit}.`);
  expect(read()).toContain(NEW);
  expect(git(root, ['rev-parse', 'HEAD'])).toBe(commit);
  expect(git(root, ['status', '--porcelain'])).toBe('');
  expect((await propose('--branch', 'main')).stdout).toBe(`${FILE} is fresh.\n`);
});

test('--propose finds the commit of a run that was killed after its push', async () => {
  const { root, tip, propose, start } = await moved('commit');
  await propose('--branch', 'main');
  const commit = tip('main');
  git(root, ['reset', '--quiet', '--hard', start]);
  vi.stubEnv('GIT_COMMITTER_DATE', '2026-01-01T00:00:00Z');
  const { stdout } = await propose('--branch', 'main');
  expect(stdout).toContain(`already committed to main of origin as ${commit}`);
  expect(git(root, ['rev-parse', 'HEAD'])).toBe(commit);
  expect(git(root, ['status', '--porcelain'])).toBe('');
});

test('--propose opens a merge request, and never touches the catalog in the checkout', async () => {
  const { server, root, start, propose } = await moved('merge-request');
  const before = statSync(join(root, FILE), { bigint: true });
  const args = ['--branch', 'main', '--host', 'gitlab'];
  const { status, stdout } = await propose(...args);
  expect(status).toBe(0);
  expect(stdout).toContain(`1 value proposed for main on ${BRANCH} of origin as`);
  expect(server.git('show', `${BRANCH}:${FILE}`)).toContain(NEW);
  expect(git(root, ['rev-parse', 'HEAD'])).toBe(start);
  const again = await propose(...args, '--json');
  const { written, proposal } = JSON.parse(again.stdout) as Record<string, unknown>;
  expect({ written, proposal }).toMatchObject({
    written: false,
    proposal: { outcome: 'proposed', new: false, changes: [{ from: OLD, to: NEW }] },
  });
  expect(statSync(join(root, FILE), { bigint: true })).toEqual(before);
});

test('a proposal that the server refuses leaves the checkout alone, and ends with 1', async () => {
  const { server, root, read, propose } = await moved('commit');
  fixture.writeHook(server.root, 'pre-receive', 'echo "no" >&2; exit 1');
  const { status, stdout, stderr } = await propose('--branch', 'main');
  expect(status).toBe(1);
  expect(stdout).toContain('1 value to propose.');
  expect(stderr).toContain('PUSH_REFUSED');
  expect(read()).toContain(OLD);
  expect(git(root, ['status', '--porcelain'])).toBe('');
});

test('a base that can not be looked up keeps nothing else from being proposed', async () => {
  const gone = ENTRY.replace('library/debian', 'gone/debian').replace("'12'", "'13'");
  const { propose } = await moved('commit', gone);
  const { status, stdout, stderr } = await propose('--branch', 'main');
  expect({ status, stdout }).toEqual({ status: 1, ...inCommit });
  expect(stderr).toContain('BASE_MISSING');
});

test('--propose looks nothing up when it could not propose it', async () => {
  const { root, read, asked, propose } = await moved('merge-request');
  expect((await propose('--branch', 'main')).stderr).toContain('HOST_UNKNOWN');
  fixture.refreshTo(root, fixture.NEWER);
  const text = read();
  const { status, stderr } = await propose('--branch', 'main', '--host', 'gitlab');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^config\/images\.yml {2}NOT_A_REFRESH\n/);
  expect(read()).toBe(text);
  expect(asked).toEqual([]);
  expect((await propose('--check')).status).toBe(2);
});
