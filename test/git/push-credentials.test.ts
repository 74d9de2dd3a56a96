import { describe, expect, test } from 'vitest';
import { explainPush, pushCredentials } from '../../src/git/push-credentials.ts';
import { basicAuthorization } from '../../src/url.ts';

const ADDRESS = 'https://me:old@git.test/group/project.git';
const KEY = 'http.https://git.test/group/project.git.extraHeader';
const headerOf = (user: string, token: string) =>
  `Authorization: ${basicAuthorization(user, token)}`;

describe('a push token', () => {
  test("is a header for just the remote's address, which takes back those that others have set", () => {
    const { env } = pushCredentials({ IMAGES_PUSH_TOKEN: 't0k' }, [ADDRESS, ADDRESS]);
    expect(env).toEqual({
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: KEY,
      GIT_CONFIG_VALUE_0: '',
      GIT_CONFIG_KEY_1: KEY,
      GIT_CONFIG_VALUE_1: headerOf('x-access-token', 't0k'),
    });
  });

  test('comes after the configuration that the environment has', () => {
    const environment = { IMAGES_PUSH_TOKEN: 't0k', GIT_CONFIG_COUNT: '3' };
    const { env } = pushCredentials(environment, [ADDRESS]);
    const added = { GIT_CONFIG_COUNT: '5', GIT_CONFIG_KEY_3: KEY, GIT_CONFIG_KEY_4: KEY };
    expect(env).toMatchObject(added);
    expect(Object.keys(env)).toHaveLength(5);
  });

  test("that is the job's own has the name that GitLab wants beside it", () => {
    const environment = { IMAGES_PUSH_TOKEN: 'job', CI_JOB_TOKEN: 'job' };
    const { env } = pushCredentials(environment, [ADDRESS]);
    expect(env['GIT_CONFIG_VALUE_1']).toBe(headerOf('gitlab-ci-token', 'job'));
  });

  test('is a secret, and so is the header', () => {
    const { secrets } = pushCredentials({ IMAGES_PUSH_TOKEN: 't0k' }, [ADDRESS]);
    const [, , header] = headerOf('x-access-token', 't0k').split(' ');
    expect(secrets).toEqual(expect.arrayContaining(['t0k', header]));
  });

  test.each([
    'http://git.test/a.git',
    'ssh://git@git.test/a.git',
    'git@git.test:a.git',
    '/srv/a.git',
  ])('is refused for %s, even as one of two addresses', (address) => {
    const attempt = () => pushCredentials({ IMAGES_PUSH_TOKEN: 't0k' }, [ADDRESS, address]);
    expect(attempt).toThrow(/^PUSH_TOKEN_UNSAFE\n(?!.*t0k)/);
  });
});

test('without a push token git has no configuration, whatever the remote is', () => {
  expect(pushCredentials({}, ['/srv/a.git']).env).toEqual({});
});
const UNABLE = 'fatal: unable to access https://git.test/:';

test.each([
  ['! [rejected] (fetch first)', 'BRANCH_MOVED', /pushed in between/],
  ['! [rejected] (non-fast-forward)', 'BRANCH_MOVED', /pushed in between/],
  ['! [rejected] (stale info)', 'BRANCH_MOVED', /pushed in between/],
  [
    'fatal: could not read Username for https://git.test: terminal',
    'PUSH_UNAUTHORIZED',
    /may push/,
  ],
  [`${UNABLE} The requested URL returned error: 403`, 'PUSH_UNAUTHORIZED', /may push/],
  ['git@git.test: Permission denied (publickey).', 'PUSH_UNAUTHORIZED', /may push/],
  ['! [remote rejected] (hook declined) | remote: 403 things are wrong', 'PUSH_REFUSED', /account/],
  ['fatal: the receiving end does not support push options', 'PUSH_REFUSED', /take push options/],
  ['! [remote rejected] a -> a (shallow update not allowed)', 'PUSH_REFUSED', /--unshallow/],
  [
    'remote: GitLab: Commit must be signed\n! [remote rejected]',
    'PUSH_REFUSED',
    /free this account/,
  ],
  ['! [remote rejected] a -> a (unpacker error)', 'PUSH_REFUSED', /its disk/],
  [`${UNABLE} Could not resolve host: git.test`, 'REMOTE_UNREACHABLE', /DNS/],
  [`${UNABLE} The requested URL returned error: 503`, 'REMOTE_UNREACHABLE', /try again later/],
  ["fatal: repository 'https://git.test/a.git/' not found", 'REMOTE_UNREACHABLE', /the address/],
  ["fatal: could not open '.git/x': Permission denied", 'REMOTE_UNREACHABLE', /access to the file/],
  [
    "remote: enforced SAML SSO.\nfatal: unable to access 'x': The requested URL returned error: 403",
    'PUSH_UNAUTHORIZED',
    /single sign-on/,
  ],
  [
    "remote: Repository was archived.\nfatal: unable to access 'x': The requested URL returned error: 403",
    'PUSH_UNAUTHORIZED',
    /out of the archive/,
  ],
  [
    'remote: GitLab: repository has exceeded its size limit of 10 MB\n! [remote rejected]',
    'PUSH_REFUSED',
    /make room/,
  ],
  [
    'remote: fatal error in commit_refs\n! [remote rejected] x -> x (failure)',
    'PUSH_REFUSED',
    /error of its own/,
  ],
  ['fatal: something else', 'REMOTE_UNREACHABLE', /git reaches the remote/],
])('the message %j of git is %s, with the remedy %s', (message, code, remedy) => {
  const [problem] = explainPush('push', message, []).problems;
  const line = message.replaceAll('\n', ' | ');
  expect(problem).toMatchObject({ code, problem: `could not push: ${line}` });
  expect(problem?.remedy).toMatch(remedy);
});

test('a push that is refused with a token names the token, and does not show it', () => {
  const output = `remote: t0k\n${UNABLE} The requested URL returned error: 403`;
  const [problem] = explainPush('push', output, ['t0k'], { IMAGES_PUSH_TOKEN: 't0k' }).problems;
  expect(problem?.problem).not.toContain('t0k');
  expect(problem?.remedy).toBe('give IMAGES_PUSH_TOKEN the right to push there, or renew it');
});
