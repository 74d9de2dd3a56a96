import { describe, expect, test } from 'vitest';
import { git } from './git-repository.ts';
import { pushRemote } from '../../src/git/push-remote.ts';
import { proposing, somebodyCommits } from '../cli/propose-fixture.ts';

const BRANCH = 'images-refresh';

function pushing() {
  const all = proposing('merge-request');
  const commitOf = (message: string) =>
    git(all.root, ['commit-tree', `${all.start}^{tree}`, '-p', all.start, '-m', message]);
  return { ...all, commitOf, remote: pushRemote(all.root, 'origin', {}) };
}

describe('a branch that is replaced', () => {
  test('must be on the commit that was seen, whatever has been fetched since', () => {
    const { server, root, remote, commitOf, tip } = pushing();
    const seen = commitOf('seen');
    remote.push({ commit: seen, branch: BRANCH, replacing: 'none' });
    const theirs = somebodyCommits(server, BRANCH);
    git(root, ['fetch', '--quiet', 'origin']);
    const push = { commit: commitOf('next'), branch: BRANCH, replacing: seen };
    expect(() => remote.push(push)).toThrow(/^BRANCH_MOVED\n.*stale info/);
    expect(tip(BRANCH)).toBe(theirs);
    remote.push({ ...push, replacing: theirs });
    expect(tip(BRANCH)).toBe(push.commit);
  });

  test('must not be there when none was seen', () => {
    const { remote, commitOf, start, server, tip } = pushing();
    server.git('branch', BRANCH, start);
    const push = { commit: commitOf('next'), branch: BRANCH, replacing: 'none' };
    expect(() => remote.push(push)).toThrow(/^BRANCH_MOVED\n/);
    expect(tip(BRANCH)).toBe(start);
  });
});

test('a branch that is not replaced only grows', () => {
  const { server, remote, commitOf, tip } = pushing();
  const theirs = somebodyCommits(server, 'main');
  const push = { commit: commitOf('next'), branch: 'main' };
  expect(() => remote.push(push)).toThrow(/^BRANCH_MOVED\n/);
  expect(tip('main')).toBe(theirs);
});

test('only branches of just this name are seen', () => {
  const { server, remote, start } = pushing();
  server.git('branch', 'other/refs/heads/main', 'main');
  expect([...remote.tips(['main', 'gone'])]).toEqual([['main', start]]);
});

test('reading a commit of the remote changes no ref, and leaves all history there', () => {
  const { server, root, remote } = pushing();
  const theirs = somebodyCommits(server, BRANCH, 'main');
  const before = git(root, ['show-ref']);
  expect(remote.read(BRANCH, theirs)).toMatchObject({
    subject: 'theirs',
    committerEmail: 'test@example.org',
  });
  expect(git(root, ['show-ref'])).toBe(before);
  expect(git(root, ['rev-parse', '--is-shallow-repository'])).toBe('false');
});
