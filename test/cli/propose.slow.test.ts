import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as fixture from './propose-fixture.ts';
import { git } from '../git/git-repository.ts';

const { BRANCHES, FILE, NEW, NEWER, OLD, propose } = fixture;
const BRANCH = BRANCHES['merge-request'];
const MODES = ['commit', 'merge-request'] as const;

const EVERYWHERE = MODES.flatMap((mode) => [
  { mode, kind: 'clone on main' } as const,
  { mode, kind: 'detached checkout of a shallow clone' } as const,
]);

/** In a pipeline of GitLab, whose server has a message and writes down the push options of each push. */
function inPipeline(mode: fixture.Mode, kind?: fixture.CloneKind) {
  const all = fixture.proposing(mode, kind);
  vi.stubEnv('GITLAB_CI', 'true');
  vi.stubEnv('CI_COMMIT_BRANCH', 'main');
  const file = join(all.server.root, 'options');
  const script = `for at in $(seq 0 $((GIT_PUSH_OPTION_COUNT - 1)))
do eval "echo \\"\\$GIT_PUSH_OPTION_$at\\"" >> ${file}
done
echo "View merge request: https://gitlab.test/mr/1" >&2`;
  fixture.writeHook(all.server.root, 'post-receive', script);
  const options = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  return { ...all, options };
}

const GITLAB_OPTIONS = [
  'merge_request.create',
  'merge_request.target=main',
  `merge_request.title=Refresh 1 value of ${FILE}`,
  `merge_request.description=debian-12: base docker.io/library/debian:12: ${OLD} → ${NEW}`,
  'merge_request.remove_source_branch',
  '',
];

describe.each(EVERYWHERE)('in a $kind, a refresh that is proposed as a $mode', ({ mode, kind }) => {
  const isCommit = mode === 'commit';

  test('is one commit on top of main, and the catalog is as in the commit of the checkout', async () => {
    const { server, root, start, tip, options } = inPipeline(mode, kind);
    const { status, stdout, stderr } = await propose(root);
    const commit = tip(BRANCHES[mode]);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'origin says: View merge request: https://gitlab.test/mr/1\n',
    });
    fixture.expectProposal(server, commit, start, NEW);
    expect(tip('main')).toBe(isCommit ? commit : start);
    fixture.expectCheckout(root, isCommit ? commit : start, isCommit ? NEW : OLD);
    expect(options()).toEqual(isCommit ? [] : GITLAB_OPTIONS);
    const where = isCommit
      ? `committed to main of origin as ${commit}.\nThe checkout is on that commit now.`
      : `proposed for main on ${BRANCH} of origin as ${commit}.\nThe checkout has ${FILE} as in its own commit.`;
    expect(stdout).toBe(
      `debian-12: base docker.io/library/debian:12\n  ${OLD} → ${NEW}\n${FILE}: 1 value ${where}\n`,
    );
  });

  test('is found by the next run, even when its own was killed after the push', async () => {
    const { root, clone, start, tip, options } = inPipeline(mode, kind);
    const again = clone();
    await propose(root);
    const commit = tip(BRANCHES[mode]);
    const before = options();
    // Made at another time, it is another commit.
    vi.stubEnv('GIT_COMMITTER_DATE', '2026-01-01T00:00:00Z');
    git(again, ['remote', 'set-url', '--push', 'origin', 'file:///nowhere']);
    fixture.refreshTo(again, NEW);
    const { status, stdout } = await propose(again, '--json');
    expect(status).toBe(0);
    const outcome = isCommit ? 'committed' : 'proposed';
    expect(JSON.parse(stdout)).toMatchObject({ outcome, new: false, commit });
    expect(tip(BRANCHES[mode])).toBe(commit);
    expect(options()).toEqual(before);
    fixture.expectCheckout(again, isCommit ? commit : start, isCommit ? NEW : OLD);
  });
});

describe.each(MODES)('a refresh that is proposed as a %s', (mode) => {
  const BACK = new RegExp(
    `^${FILE} is as in the checkout's commit again; .*git show [0-9a-f]{40}$`,
    'm',
  );

  test.each<[string, (all: ReturnType<typeof inPipeline>) => string]>([
    ['somebody has pushed meanwhile', ({ server }) => fixture.somebodyCommits(server, 'main')],
    [
      'a push would take another commit along',
      ({ root }) => git(root, ['commit', '--quiet', '--allow-empty', '--message=own']),
    ],
  ])('is taken back when %s', async (_, commit) => {
    const all = inPipeline(mode);
    commit(all);
    const { server, root, tip } = all;
    const [main, head] = [tip('main'), git(root, ['rev-parse', 'HEAD'])];
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `BRANCH_MOVED\n  main of origin is on ${main}, and the checkout on ${head};`,
    );
    expect(stderr).toMatch(BACK);
    expect(server.git('for-each-ref', '--format=%(objectname)')).toBe(main);
    fixture.expectCheckout(root, head, OLD);
  });

  test('is taken back when the server refuses it, with the message of the server', async () => {
    const { server, root, start } = inPipeline(mode);
    const message = 'echo "main is protected \\033[31mhere" >&2; exit 1';
    fixture.writeHook(server.root, 'pre-receive', message);
    const { status, stdout, stderr } = await propose(root);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^PUSH_REFUSED\n {2}could not push to \S+ of origin: .*remote: main is protected \[31mhere.*; let this account push/m,
    );
    expect(stderr).toContain('(pre-receive hook declined)');
    expect(stderr).toMatch(BACK);
    expect(server.git('for-each-ref', '--format=%(objectname)')).toBe(start);
    fixture.expectCheckout(root, start, OLD);
  });

  test('takes nothing else along, and what else is staged stays so', async () => {
    const { server, root, start, tip } = inPipeline(mode);
    appendFileSync(join(root, 'config/retention.yml'), '# more\n');
    appendFileSync(join(root, 'ctx/Dockerfile'), '# more\n');
    writeFileSync(join(root, 'new'), '');
    git(root, ['add', 'config']);
    const { status, stderr } = await propose(root);
    expect(status).toBe(0);
    expect(stderr).toContain(
      'warning: left alone, since only the catalog is proposed: "config/retention.yml", "ctx/Dockerfile", "new"\n',
    );
    fixture.expectProposal(server, tip(BRANCHES[mode]), start, NEW);
    expect(git(root, ['status', '--porcelain']).split('\n')).toEqual([
      'M  config/retention.yml',
      ' M ctx/Dockerfile',
      '?? new',
    ]);
  });
});

describe('a refresh that is committed', () => {
  test('lists its changes in its message, and is from the bot', async () => {
    const { server, root } = fixture.proposing('commit');
    await propose(root);
    const bot = 'kubernetes-ci-images|refresh@kubernetes-ci-images.invalid';
    expect(server.git('log', '-1', '--format=%an|%ae|%cn|%ce%n%B', 'main').split('\n')).toEqual([
      `${bot}|${bot}`,
      `Refresh 1 value of ${FILE}`,
      '',
      '- debian-12: base docker.io/library/debian:12',
      `  ${OLD} → ${NEW}`,
      '',
      '`images refresh` found them.',
    ]);
  });

  test('is from whom the environment names', async () => {
    const { server, root } = fixture.proposing('commit');
    vi.stubEnv('GIT_AUTHOR_NAME', 'Some Author');
    vi.stubEnv('GIT_COMMITTER_EMAIL', 'committer@example.org');
    await propose(root);
    expect(server.git('log', '-1', '--format=%an|%ce', 'main')).toBe(
      'Some Author|committer@example.org',
    );
  });

  test('runs no hook of the checkout', async () => {
    const { root } = fixture.proposing('commit');
    for (const name of ['pre-commit', 'commit-msg', 'pre-push', 'reference-transaction']) {
      fixture.writeHook(join(root, '.git'), name, 'exit 1');
    }
    expect((await propose(root)).status).toBe(0);
  });
});

describe("the branch of a merge request's commit", () => {
  test.each(['clone on main', 'detached checkout of a shallow clone'] as const)(
    'moves to a proposal on a newer main, in a %s',
    async (kind) => {
      const { server, root, clone, tip } = inPipeline('merge-request', kind);
      await propose(root);
      const main = fixture.somebodyCommits(server, 'main');
      const again = clone();
      fixture.refreshTo(again, NEWER);
      expect((await propose(again)).status).toBe(0);
      fixture.expectProposal(server, tip(BRANCH), main, NEWER);
      expect(git(again, ['rev-parse', '--is-shallow-repository'])).toBe(
        String(kind !== 'clone on main'),
      );
    },
  );

  test('moves from a commit of main', async () => {
    const { server, root, start, tip } = inPipeline('merge-request');
    server.git('branch', BRANCH, 'main');
    expect((await propose(root)).status).toBe(0);
    fixture.expectProposal(server, tip(BRANCH), start, NEW);
  });

  test('stays where somebody has committed to it', async () => {
    const { server, root, clone, start } = inPipeline(
      'merge-request',
      'detached checkout of a shallow clone',
    );
    await propose(root);
    const theirs = fixture.somebodyCommits(server, BRANCH);
    const again = clone();
    fixture.refreshTo(again, NEWER);
    const { status, stderr } = await propose(again);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^PROPOSAL_TAKEN\n.* by test@example\.org; merge that branch or delete/m,
    );
    expect(server.git('rev-parse', BRANCH)).toBe(theirs);
    fixture.expectCheckout(again, start, OLD);
  });

  test('moves from a proposal of the committer that the environment names', async () => {
    const { server, root } = inPipeline('merge-request');
    vi.stubEnv('GIT_COMMITTER_EMAIL', 'committer@example.org');
    await propose(root);
    fixture.refreshTo(root, NEWER);
    expect((await propose(root)).status).toBe(0);
    vi.stubEnv('GIT_COMMITTER_EMAIL', undefined);
    fixture.refreshTo(root, NEW);
    expect((await propose(root)).stderr).toContain('by committer@example.org');
    expect(server.git('show', `${BRANCH}:${FILE}`)).toContain(NEWER);
  });
});

test('there is nothing to propose when the catalog is as it is in HEAD', async () => {
  const { root, start, tip } = fixture.proposing('commit');
  fixture.refreshTo(root, OLD);
  const text = `${FILE} is as in the checkout's commit: nothing to propose.\n`;
  expect(await propose(root)).toEqual({ status: 0, stdout: text, stderr: '' });
  const { stdout } = await propose(root, '--json');
  expect(JSON.parse(stdout)).toEqual({ outcome: 'nothing', changes: [] });
  expect(tip('main')).toBe(start);
});

test("a catalog with somebody's own changes is neither committed nor taken back", async () => {
  const { root, start, read, tip } = fixture.proposing('commit');
  appendFileSync(join(root, FILE), '# mine\n');
  const text = read();
  const { status, stderr } = await propose(root);
  expect(status).toBe(1);
  expect(stderr).toContain(`${FILE}:7  NOT_A_REFRESH`);
  expect(read()).toBe(text);
  expect(tip('main')).toBe(start);
});

describe('refused with a remedy: ', () => {
  test.each([
    ['an unknown branch', ['--branch', 'other'], 'BRANCH_MISSING'],
    ['an unknown remote', ['--remote', 'other'], 'REMOTE_MISSING'],
  ])('%s', async (_, args, code) => {
    const { status, stderr } = await propose(fixture.proposing('commit').root, ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(code);
  });

  test('a server that is not there', async () => {
    const { root, read } = fixture.proposing('commit');
    git(root, ['remote', 'set-url', 'origin', `file://${root}/gone`]);
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toContain('REMOTE_UNREACHABLE\n  could not read origin:');
    expect(read()).toContain(OLD);
  });

  test('a folder that is no repository, even inside of one', async () => {
    const { root } = fixture.proposing('commit');
    const inside = join(root, 'inside');
    mkdirSync(inside);
    git(root, ['archive', '--output=inside/all.tar', 'HEAD']);
    execFileSync('tar', ['-xf', 'all.tar'], { cwd: inside });
    const { status, stderr } = await propose(inside, '--branch', 'main');
    expect(status).toBe(1);
    expect(stderr).toContain('GIT_FAILED');
  });
});
