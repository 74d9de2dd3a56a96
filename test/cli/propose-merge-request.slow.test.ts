import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as fixture from './propose-fixture.ts';
import { git } from '../git/git-repository.ts';

// Dozens of runs of git each, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

const { FILE, NEW, NEWER, OLD, propose } = fixture;
const kinds = Object.keys(fixture.CLONES) as (keyof typeof fixture.CLONES)[];
const BRANCH = 'images-refresh';

/** In a pipeline of GitLab, whose server writes down the push options of each push. */
function onGitlab(kind: keyof typeof fixture.CLONES = 'a clone on main') {
  const all = fixture.proposing('merge-request', kind);
  vi.stubEnv('GITLAB_CI', 'true');
  vi.stubEnv('CI_COMMIT_BRANCH', 'main');
  const file = join(all.server.root, 'options');
  const script = `for at in $(seq 0 $((GIT_PUSH_OPTION_COUNT - 1)))
do eval "echo \\"\\$GIT_PUSH_OPTION_$at\\"" >> ${file}
done
echo "View merge request: https://gitlab.test/mr/1" >&2`;
  fixture.writeHook(all.server.root, 'post-receive', script);
  return {
    ...all,
    options: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []),
  };
}

const asInHead = (root: string) => {
  expect(readFileSync(join(root, FILE), 'utf8')).toContain(OLD);
  expect(git(root, ['status', '--porcelain'])).toBe('');
};

describe.each(kinds)('in %s, a refresh that is proposed', (kind) => {
  test('is one commit on a branch of its own, and the catalog is as it is in HEAD', async () => {
    const { server, root, start, tip, options } = onGitlab(kind);
    const { status, stdout, stderr } = await propose(root);
    const commit = tip(BRANCH);
    expect(server.git('rev-parse', `${commit}^`, 'main')).toBe(`${start}\n${start}`);
    expect(server.git('diff', '--name-only', start, commit)).toBe(FILE);
    expect(server.git('show', `${commit}:${FILE}`)).toContain(NEW);
    expect(git(root, ['rev-parse', 'HEAD'])).toBe(start);
    asInHead(root);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'origin says: View merge request: https://gitlab.test/mr/1\n',
    });
    expect(stdout).toContain(`1 value proposed for main on ${BRANCH} of origin as ${commit}.`);
    expect(options()).toEqual([
      'merge_request.create',
      'merge_request.target=main',
      `merge_request.title=Refresh 1 value of ${FILE}`,
      `merge_request.description=debian-12: base docker.io/library/debian:12: ${OLD} → ${NEW}`,
      'merge_request.remove_source_branch',
      '',
    ]);
  });

  test('is pushed once, however often it is proposed', async () => {
    const { root, tip, options } = onGitlab(kind);
    await propose(root);
    const commit = tip(BRANCH);
    const before = options();
    // Made at another time, it is another commit; and a new pipeline has nothing of the last one.
    vi.stubEnv('GIT_COMMITTER_DATE', '2026-01-01T00:00:00Z');
    const again = fixture.cloneOf(root, kind);
    git(again, ['remote', 'set-url', '--push', 'origin', 'file:///nowhere']);
    fixture.refreshTo(again, NEW);
    const { status, stdout } = await propose(again, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'proposed', new: false, commit });
    expect(tip(BRANCH)).toBe(commit);
    expect(options()).toEqual(before);
    asInHead(again);
  });

  test('replaces the one before, which was of an older main', async () => {
    const { server, root, tip } = onGitlab(kind);
    await propose(root);
    const main = fixture.somebodyCommits(server, 'main');
    const again = fixture.cloneOf(root, kind);
    fixture.refreshTo(again, NEWER);
    expect((await propose(again)).status).toBe(0);
    expect(server.git('rev-parse', `${tip(BRANCH)}^`)).toBe(main);
    expect(server.git('show', `${BRANCH}:${FILE}`)).toContain(NEWER);
    expect(git(again, ['rev-parse', '--is-shallow-repository'])).toBe(
      String(kind !== 'a clone on main'),
    );
  });

  test('never overwrites what somebody has committed to its branch', async () => {
    const { server, root } = onGitlab(kind);
    await propose(root);
    const theirs = fixture.somebodyCommits(server, BRANCH);
    const again = fixture.cloneOf(root, kind);
    fixture.refreshTo(again, NEWER);
    const { status, stderr } = await propose(again);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^PROPOSAL_TAKEN\n.* by test@example\.org; merge that branch or delete/m,
    );
    expect(server.git('rev-parse', BRANCH)).toBe(theirs);
    asInHead(again);
  });
});

describe('a refresh that is proposed', () => {
  test('starts anew on a branch that has nothing which main lacks', async () => {
    const { server, root, start, tip } = onGitlab();
    server.git('branch', BRANCH, 'main');
    expect((await propose(root)).status).toBe(0);
    expect(server.git('rev-parse', `${tip(BRANCH)}^`)).toBe(start);
  });

  test("is recognised as the environment's committer's too", async () => {
    const { server, root } = onGitlab();
    vi.stubEnv('GIT_COMMITTER_EMAIL', 'committer@example.org');
    await propose(root);
    fixture.refreshTo(root, NEWER);
    expect((await propose(root)).status).toBe(0);
    vi.stubEnv('GIT_COMMITTER_EMAIL', undefined);
    fixture.refreshTo(root, NEW);
    expect((await propose(root)).stderr).toContain('by committer@example.org');
    expect(server.git('show', `${BRANCH}:${FILE}`)).toContain(NEWER);
  });

  test('that was staged is not staged any more', async () => {
    const { root } = onGitlab();
    git(root, ['add', FILE]);
    await propose(root);
    asInHead(root);
  });

  test('is taken back when the server refuses it', async () => {
    const { server, root } = onGitlab();
    fixture.writeHook(server.root, 'pre-receive', 'echo "no" >&2; exit 1');
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toContain('PUSH_REFUSED');
    asInHead(root);
  });

  test('is not made of commits that only the checkout has', async () => {
    const { root, server } = onGitlab();
    git(root, ['commit', '--quiet', '--allow-empty', '--message=own']);
    expect((await propose(root)).stderr).toContain('BRANCH_MOVED');
    expect(server.git('branch', '--list', BRANCH)).toBe('');
  });
});

test('what is missing is told all at once, and nothing is changed or pushed', async () => {
  const kind = 'a detached checkout of a shallow clone';
  const { server, root, read } = fixture.proposing('merge-request', kind);
  const { status, stderr } = await propose(root);
  expect(status).toBe(1);
  expect(stderr.match(/^[A-Z_]+$/gm)).toEqual(['BRANCH_UNKNOWN', 'HOST_UNKNOWN']);
  expect(read()).toContain(NEW);
  expect(server.git('branch', '--list', BRANCH)).toBe('');
});
