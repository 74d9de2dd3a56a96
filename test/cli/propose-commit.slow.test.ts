import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as fixture from './propose-fixture.ts';
import { git } from '../git/git-repository.ts';

// Dozens of runs of git each, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 });

const { FILE, NEW, OLD, propose } = fixture;
const kinds = Object.keys(fixture.CLONES) as (keyof typeof fixture.CLONES)[];

const committing = (kind: keyof typeof fixture.CLONES = 'a clone on main') =>
  fixture.proposing('commit', kind);

const BACK = new RegExp(
  `^${FILE} is as in the checkout's commit again; .*git show [0-9a-f]{40}$`,
  'm',
);

describe.each(kinds)('in %s, a refresh that is committed', (kind) => {
  test('is one commit on top of the branch, and the checkout is on it', async () => {
    const { server, root, start, tip } = committing(kind);
    const { status, stdout, stderr } = await propose(root, '--branch', 'main');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const commit = tip('main');
    expect(server.git('rev-parse', `${commit}^`)).toBe(start);
    expect(server.git('diff', '--name-only', start, commit)).toBe(FILE);
    expect(server.git('show', `${commit}:${FILE}`)).toContain(NEW);
    expect(git(root, ['rev-parse', 'HEAD'])).toBe(commit);
    expect(git(root, ['status', '--porcelain'])).toBe('');
    expect(stdout).toBe(
      `debian-12: base docker.io/library/debian:12\n  ${OLD} → ${NEW}\n` +
        `${FILE}: 1 value committed to main of origin as ${commit}.\nThe checkout is on that commit now.\n`,
    );
  });

  test('is found by a run whose predecessor was killed after it pushed', async () => {
    const { root, start, tip } = committing(kind);
    await propose(root, '--branch', 'main');
    const commit = tip('main');
    git(root, ['update-ref', 'HEAD', start]);
    git(root, ['read-tree', 'HEAD']);
    // Made at another time, it is another commit.
    vi.stubEnv('GIT_COMMITTER_DATE', '2026-01-01T00:00:00Z');
    const { status, stdout } = await propose(root, '--branch', 'main');
    expect(status).toBe(0);
    expect(stdout).toContain(`already committed to main of origin as ${commit}`);
    expect(tip('main')).toBe(commit);
    expect(git(root, ['rev-parse', 'HEAD'])).toBe(commit);
    expect(git(root, ['status', '--porcelain'])).toBe('');
  });

  test('leaves the catalog as it was in git when somebody has pushed meanwhile', async () => {
    const { server, root, read, start, tip } = committing(kind);
    const theirs = fixture.somebodyCommits(server, 'main');
    const { status, stderr } = await propose(root, '--branch', 'main');
    expect(status).toBe(1);
    expect(stderr).toContain(`BRANCH_MOVED\n  main of origin is on ${theirs}, and the checkout on`);
    expect(stderr).toMatch(BACK);
    expect(read()).toContain(OLD);
    expect(tip('main')).toBe(theirs);
    expect(git(root, ['rev-parse', 'HEAD'])).toBe(start);
    expect(git(root, ['status', '--porcelain'])).toBe('');
  });
});

describe('a refresh that is committed', () => {
  test('takes nothing else along, and what is staged stays so', async () => {
    const { server, root, start, tip } = committing();
    appendFileSync(join(root, 'config/retention.yml'), '# more\n');
    appendFileSync(join(root, 'ctx/Dockerfile'), '# more\n');
    writeFileSync(join(root, 'new'), '');
    git(root, ['add', 'config/retention.yml']);
    const { status, stderr } = await propose(root);
    expect(status).toBe(0);
    expect(stderr).toBe(
      'warning: left alone, since only the catalog is proposed: "config/retention.yml", "ctx/Dockerfile", "new"\n',
    );
    expect(server.git('diff', '--name-only', start, tip('main'))).toBe(FILE);
    expect(git(root, ['status', '--porcelain']).split('\n')).toEqual([
      'M  config/retention.yml',
      ' M ctx/Dockerfile',
      '?? new',
    ]);
  });

  test('says in its message what changed, and is from the bot', async () => {
    const { server, root } = committing();
    await propose(root);
    expect(server.git('log', '-1', '--format=%an|%ae|%cn|%ce%n%B', 'main')).toBe(
      [
        `kubernetes-ci-images|refresh@kubernetes-ci-images.invalid|`.repeat(2).slice(0, -1),
        `Refresh 1 value of ${FILE}`,
        '',
        '- debian-12: base docker.io/library/debian:12',
        `  ${OLD} → ${NEW}`,
        '',
        '`images refresh` found them, `images propose` committed them.',
      ].join('\n'),
    );
  });

  test('is from whom the environment names', async () => {
    const { server, root } = committing();
    vi.stubEnv('GIT_AUTHOR_NAME', 'Some Author');
    vi.stubEnv('GIT_COMMITTER_EMAIL', 'committer@example.org');
    await propose(root);
    const [author, email] = server.git('log', '-1', '--format=%an|%ce', 'main').split('|');
    expect({ author, email }).toEqual({ author: 'Some Author', email: 'committer@example.org' });
  });

  test('runs no hook of the checkout', async () => {
    const { root } = committing();
    for (const name of ['pre-commit', 'commit-msg', 'pre-push', 'reference-transaction']) {
      fixture.writeHook(join(root, '.git'), name, 'exit 1');
    }
    expect((await propose(root)).status).toBe(0);
  });

  test("is taken back when the server refuses it, and the server's words are told", async () => {
    const { server, root, start, read, tip } = committing();
    const words = 'echo "main is protected \\033[31mhere" >&2; exit 1';
    fixture.writeHook(server.root, 'pre-receive', words);
    const { status, stdout, stderr } = await propose(root);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^PUSH_REFUSED\n {2}could not push to main of origin: .*remote: main is protected \[31mhere.*; let this account push/m,
    );
    expect(stderr).toContain('(pre-receive hook declined)');
    expect(stderr).toMatch(BACK);
    expect(read()).toContain(OLD);
    expect(tip('main')).toBe(start);
    expect(git(root, ['status', '--porcelain'])).toBe('');
  });

  test('takes no commit along that only the checkout has', async () => {
    const { root, start, tip } = committing();
    git(root, ['commit', '--quiet', '--allow-empty', '--message=own']);
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toContain('BRANCH_MOVED');
    expect(tip('main')).toBe(start);
  });
});

test('there is nothing to propose when the catalog is as it is in HEAD', async () => {
  const { root, start, tip } = committing();
  fixture.refreshTo(root, OLD);
  const said = `${FILE} is as in the checkout's commit: nothing to propose.\n`;
  expect(await propose(root)).toEqual({ status: 0, stdout: said, stderr: '' });
  const { stdout } = await propose(root, '--json');
  expect(JSON.parse(stdout)).toEqual({ outcome: 'nothing', changes: [] });
  expect(tip('main')).toBe(start);
});

test("a catalog with somebody's own changes is neither committed nor taken back", async () => {
  const { root, start, read, tip } = committing();
  appendFileSync(join(root, FILE), '# mine\n');
  const text = read();
  const { status, stderr } = await propose(root);
  expect(status).toBe(1);
  expect(stderr).toContain(`${FILE}:7  NOT_A_REFRESH`);
  expect(read()).toBe(text);
  expect(tip('main')).toBe(start);
});

describe('refused with a remedy', () => {
  test.each([
    ['a branch that is not there', ['--branch', 'other'], 'BRANCH_MISSING'],
    ['a remote that is not there', ['--remote', 'other'], 'REMOTE_MISSING'],
    ['the branch of proposals', ['--branch', 'images-refresh'], 'BRANCH_IS_PROPOSAL'],
  ])('%s', async (_, args, code) => {
    const { root } = committing();
    const { status, stderr } = await propose(root, ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(code);
  });

  test('a server that is not there', async () => {
    const { root, read } = committing();
    git(root, ['remote', 'set-url', 'origin', `file://${root}/gone`]);
    const { status, stderr } = await propose(root);
    expect(status).toBe(1);
    expect(stderr).toContain('REMOTE_UNREACHABLE\n  could not read origin:');
    expect(read()).toContain(OLD);
  });

  test('a folder that is no repository, even inside of one', async () => {
    const { root } = committing();
    const inside = join(root, 'inside');
    mkdirSync(inside);
    git(root, ['archive', '--output=inside/all.tar', 'HEAD']);
    execFileSync('tar', ['-xf', 'all.tar'], { cwd: inside });
    const { status, stderr } = await propose(inside, '--branch', 'main');
    expect(status).toBe(1);
    expect(stderr).toContain('GIT_FAILED');
  });
});
