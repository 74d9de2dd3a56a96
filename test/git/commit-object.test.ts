import { expect, test } from 'vitest';
import { isSameCommit, parseCommitObject } from '../../src/git/commit-object.ts';

const TREE = '1'.repeat(40);
const PARENT = '2'.repeat(40);

const COMMIT = `tree ${TREE}
parent ${PARENT}
author Some Body <some@body> 1790000000 +0000
committer The Bot <bot@example.org> 1790000000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 tree nothing
 parent nothing

Refresh 1 value of c.yml

parent ${TREE}
committer <nobody>
`;

test('a commit is read from its headers, not from its signature or message', () => {
  expect(parseCommitObject(COMMIT)).toEqual({
    tree: TREE,
    parents: [PARENT],
    committerEmail: 'bot@example.org',
    committedAt: '2026-09-21T14:13:20.000Z',
    subject: 'Refresh 1 value of c.yml',
  });
});

test.each(['', '-1', '9'.repeat(20)])('a date that is no number of seconds is 1970: %j', (date) => {
  const text = COMMIT.replaceAll('1790000000', date);
  expect(parseCommitObject(text).committedAt).toBe('1970-01-01T00:00:00.000Z');
});

test.each([
  ['this tree on this parent', TREE, [PARENT], true],
  ['another tree', PARENT, [PARENT], false],
  ['another parent', TREE, [TREE], false],
  ['a merge', TREE, [PARENT, TREE], false],
])('the same commit is %s', (_, tree, parents, expected) => {
  expect(isSameCommit({ ...parseCommitObject(COMMIT), parents }, tree, PARENT)).toBe(expected);
});
