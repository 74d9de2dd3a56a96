import { describe, expect, test, vi } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';

const REPOSITORY =
  'urn:pulumi:prod::kubernetes-ci-images::gcp:artifactregistry/repository:Repository::images';

/** Runs `images` in a checkout with these files. */
function images(files: Record<string, string>, ...args: string[]) {
  return printedBy(checkout(files), ...args);
}

function preview(protect: boolean): string {
  const state = { urn: REPOSITORY, type: 'gcp:x', inputs: {}, protect };
  return JSON.stringify({ steps: [{ op: 'create', urn: REPOSITORY, newState: state }] });
}

test('policy ends with 5 where a plan breaks a policy, and with 0 otherwise', async () => {
  const broken = await images({ p: preview(false) }, 'policy', '--preview', 'p');
  expect(broken.status).toBe(5);
  expect(broken.stderr).toMatch(
    /^gcp:artifactregistry\/\S+ images {2}UNPROTECTED_REGISTRY\n {2}one com/,
  );
  expect(await images({ p: preview(true) }, 'policy', '--preview', 'p')).toEqual({
    status: 0,
    stdout: 'No policy is broken by 1 resource(s).\n',
    stderr: '',
  });
});

test.each(['policy', 'summary'])('%s wants a preview that is one', async (command) => {
  expect((await images({}, command)).status).toBe(2);
  const missing = await images({}, command, '--preview', 'p');
  expect(missing).toMatchObject({ status: 1, stdout: '' });
  expect(missing.stderr).toMatch(/^p {2}FILE_UNREADABLE\n.*ENOENT; run `pulumi preview --json`/);
  const wrong = await images({ p: 'no' }, command, '--preview', 'p');
  expect(wrong.stderr).toContain('PREVIEW_UNREADABLE');
});

test('summary prints Markdown', async () => {
  const args = ['summary', '--preview', 'p', '--stack', 'other'];
  const { status, stdout } = await images({ p: preview(true) }, ...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^### `other`: 1 other resource\n/);
  const missing = await images({ p: preview(true) }, ...args, '--forecast', 'f');
  expect(missing.stderr).toMatch(/^f {2}FILE_UNREADABLE/);
});

describe('note ends with 0 and a reason', () => {
  test.each([
    ['there is no merge request', '', 'text', 'no pipeline of a merge request'],
    [
      'the summary is empty',
      '7',
      '\n',
      's is empty: there is nothing to put on a merge request.\n',
    ],
    ['the note can not be posted', '7', 'text', 'GITLAB_TOKEN_MISSING'],
  ])('where %s', async (_, mergeRequest, text, reason) => {
    vi.stubEnv('CI_MERGE_REQUEST_IID', mergeRequest);
    for (const name of ['GITHUB_REF', 'GITLAB_TOKEN']) vi.stubEnv(name, '');
    const { status, stdout, stderr } = await images({ s: text }, 'note', 's');
    expect(status).toBe(0);
    expect(stdout + stderr).toContain(reason);
  });
});
