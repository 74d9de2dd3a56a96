import { describe, expect, test } from 'vitest';
import * as commits from '../../src/merge-request/proposal-commit.ts';

const TREE = '1'.repeat(40);
const BOT = 'refresh@kubernetes-ci-images.invalid';
const PARENT = '2'.repeat(40);

const commitText = ({ email = BOT, subject = 'Refresh 1 value of c.yml' } = {}) =>
  `tree ${TREE}
parent ${PARENT}
author Some Body <some@body> 1790000000 +0000
committer The Bot <${email}> 1790000000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 tree nothing
 parent nothing

${subject}

parent ${TREE}
committer <nobody>
`;

const parse = (options = {}) => commits.parseCommitObject(commitText(options));

test('a commit is read from its headers, not from its signature or message', () => {
  expect(parse()).toEqual({
    tree: TREE,
    parents: [PARENT],
    committerEmail: BOT,
    subject: 'Refresh 1 value of c.yml',
  });
});

describe('a commit is a proposal', () => {
  test.each([
    ['of the bot', {}, true],
    ['of whom the environment names', { email: 'me@example.org' }, true],
    ['not when somebody else committed or changed it', { email: 'you@example.org' }, false],
    ['not when it is about something else', { subject: 'Repair it' }, false],
  ])('%s', (_, options, expected) => {
    expect(commits.isProposal(parse(options), 'me@example.org')).toBe(expected);
  });
});

test.each([
  ['this tree on this parent', TREE, [PARENT], true],
  ['another tree', PARENT, [PARENT], false],
  ['another parent', TREE, [TREE], false],
  ['a merge', TREE, [PARENT, TREE], false],
])('the same commit is %s', (_, tree, parents, expected) => {
  expect(commits.isSameCommit({ ...parse(), parents }, tree, PARENT)).toBe(expected);
});
