import { afterEach, describe, expect, test, vi } from 'vitest';
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

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('policy', () => {
  test('ends with 5, as the engine does, where a plan breaks one, and names it', async () => {
    const { status, stderr } = await images({ p: preview(false) }, 'policy', '--preview', 'p');
    expect(status).toBe(5);
    expect(stderr).toMatch(
      /^gcp:artifactregistry\/\S+ images {2}UNPROTECTED_REGISTRY\n {2}one com/,
    );
  });

  test('ends with 0 where it breaks none', async () => {
    const { status, stdout } = await images({ p: preview(true) }, 'policy', '--preview', 'p');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'No policy is broken by 1 resource(s).\n',
    });
  });
});

test.each(['policy', 'summary'])('%s wants a preview that is one', async (command) => {
  expect((await images({}, command)).status).toBe(2);
  const missing = await images({}, command, '--preview', 'p');
  expect(missing).toMatchObject({ status: 1, stdout: '' });
  expect(missing.stderr).toMatch(/^p {2}FILE_UNREADABLE\n.*ENOENT; run `pulumi preview --json`/);
  expect((await images({ p: 'no' }, command, '--preview', 'p')).stderr).toContain(
    'PREVIEW_UNREADABLE',
  );
});

test('summary prints Markdown', async () => {
  const args = ['summary', '--preview', 'p', '--stack', 'other'];
  const { status, stdout } = await images({ p: preview(true) }, ...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^### `other`: 1 other resource\n/);
  const missing = await images({ p: preview(true) }, ...args, '--forecast', 'f');
  expect(missing.stderr).toMatch(/^f {2}FILE_UNREADABLE/);
});

describe('note', () => {
  test('says so where there is no merge request', async () => {
    for (const name of ['CI_MERGE_REQUEST_IID', 'GITHUB_REF']) vi.stubEnv(name, '');
    const { status, stdout } = await images({ s: 'text' }, 'note', 's');
    expect(status).toBe(0);
    expect(stdout).toContain('no pipeline of a merge request');
  });

  test('that is empty is not posted', async () => {
    vi.stubEnv('CI_MERGE_REQUEST_IID', '7');
    const { status, stderr } = await images({ s: '\n' }, 'note', 's');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 's is empty: there is nothing to put on a merge request.\n',
    });
  });

  test('that can not be posted fails no pipeline, and says why', async () => {
    vi.stubEnv('CI_MERGE_REQUEST_IID', '7');
    vi.stubEnv('GITLAB_TOKEN', '');
    const { status, stderr } = await images({ s: 'text' }, 'note', 's');
    expect(status).toBe(0);
    expect(stderr).toContain('GITLAB_TOKEN_MISSING');
  });
});
