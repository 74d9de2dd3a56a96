import { expect, test } from 'vitest';
import { explainPush } from '../../src/merge-request/push.ts';

test.each([
  ['! [rejected] (fetch first)', 'BRANCH_MOVED'],
  ['! [rejected] (non-fast-forward)', 'BRANCH_MOVED'],
  ['! [rejected] (stale info)', 'BRANCH_MOVED'],
  [
    'fatal: could not read Username for https://git.test: terminal prompts disabled',
    'PUSH_UNAUTHORIZED',
  ],
  [
    'fatal: unable to access https://git.test/: The requested URL returned error: 403',
    'PUSH_UNAUTHORIZED',
  ],
  ['git@git.test: Permission denied (publickey).', 'PUSH_UNAUTHORIZED'],
  [
    '! [remote rejected] (pre-receive hook declined) | remote: 403 things are wrong',
    'PUSH_REFUSED',
  ],
  ['fatal: the receiving end does not support push options', 'PUSH_REFUSED'],
  [
    'fatal: unable to access https://git.test/: Could not resolve host: git.test',
    'REMOTE_UNREACHABLE',
  ],
])('git’s %j is %s', (said, code) => {
  expect(explainPush('push', said).problems).toMatchObject([
    { code, problem: `could not push: ${said}` },
  ]);
});
