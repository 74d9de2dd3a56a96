import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkout, RETENTION } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import {
  advance,
  createRepository,
  NOON,
  startApi,
  type StartedApi,
} from '../sandbox/emulators/google/started-api.ts';

const DAY = 86_400;
const REPOSITORY = 'v1/projects/ci-images/locations/europe-west4/repositories/images';
const PATH = 'ci-images/images/debian-12';

const WHOLE = RETENTION.replace('sources: []\n', '').replace('keepNewest: 5', 'keepNewest: 1');
const PATTERN = `sources:
  - name: ci
    repository: .
    branches: { only: [main, release-1.0] }
    references:
      - files: [tests/*.yml]
        pattern: 'image: (?<image>[a-z0-9-]+)(?::(?<tag>[a-z0-9]+))?'
`;

// A forecast looks ahead from now, and the emulators' time begins at noon.
beforeEach(() => {
  vi.useFakeTimers({ now: new Date(NOON), toFake: ['Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function git(cwd: string, ...args: string[]): void {
  const author = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  const { status, stderr } = spawnSync('git', [...author, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A checkout whose stack has its registry at the emulator, and whose main and release need `images`. */
function project({ api, registry }: StartedApi, images: readonly string[]): string {
  const settings = {
    'gcp:project': 'ci-images',
    'gcp:region': 'europe-west4',
    'gcp:accessToken': 'any',
    'gcp:artifactRegistryCustomEndpoint': `http://${api.address}/v1/`,
    'kubernetes-ci-images:registry': registry.address,
    'kubernetes-ci-images:repositoryId': 'images',
  };
  const root = checkout({
    'Pulumi.prod.yaml': JSON.stringify({ config: settings }),
    'config/retention.yml': WHOLE + PATTERN,
    'tests/a.yml': images.map((image) => `image: ${image}\n`).join(''),
  });
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'x');
  git(root, 'branch', 'release-1.0');
  return root;
}

function retention(root: string, ...args: string[]) {
  return printedBy(root, 'retention', ...args);
}

/** The emulator's time so many days after it began. */
function dayOf(days: number): string {
  return new Date(Date.parse(NOON) + days * DAY * 1000).toISOString();
}

test('a table says what stays, what goes and why, and what the totals are', async () => {
  const api = await startApi();
  await createRepository(api);
  api.registry.push(PATH, 'needed', 'v1');
  api.registry.push(PATH, 'old', 'v0');
  await api.call('GET', `${REPOSITORY}/packages`);
  await advance(api, 100 * DAY);
  api.registry.push(PATH, 'new', 'v2');
  const root = project(api, ['debian-12:v1']);
  const { status, stdout, stderr } = await retention(root, '--at', dayOf(100));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
  const digest: unknown = expect.stringMatching(/^sha256:[0-9a-f]{12}$/);
  expect(lines).toEqual([
    ['debian-12'],
    ['VERSION', 'TAGS', 'SIZE', 'AGE', 'VERDICT', 'GOES', 'REASON'],
    [digest, 'v2', '7 B', '0d', 'keep', 'never', 'the newest'],
    [
      ...[digest, 'v1', '7 B', '100d', 'keep', 'never'],
      'needed by main (tests/a.yml:1); and 1 more',
    ],
    [digest, 'v0', '7 B', '100d', 'delete', '2026-05-30', 'older than 90d, and nothing keeps it'],
    [''],
    ['2026-06-09: 1 of 3 versions go, 7 B of 21 B (dry run: nothing is deleted)'],
    [''],
  ]);
});

test("the forecast is what the emulator's clean-up then deletes", async () => {
  const api = await startApi();
  await createRepository(api);
  const part = api.registry.push(PATH, 'part');
  api.registry.pushIndex(PATH, [part], 'v1');
  const old = api.registry.push(PATH, 'old', 'v0');
  await api.call('POST', 'emulator/v1/cleanup', {});
  await advance(api, 100 * DAY);
  api.registry.push(PATH, 'new', 'v2');
  const root = project(api, ['debian-12:v1']);
  const { stdout } = await retention(root, '--json', '--at', dayOf(100));
  const { images, policies } = JSON.parse(stdout) as {
    images: { entries: { digest: string; verdict: string; reasons: { kind: string }[] }[] }[];
    policies: { id: string }[];
  };
  const entries = images.flatMap((image) => image.entries);
  const going = entries.filter(({ verdict }) => verdict === 'delete').map(({ digest }) => digest);
  expect(going).toEqual([old]);
  const held = entries.find(({ digest }) => digest === part);
  expect(held?.reasons.map(({ kind }) => kind)).toEqual(['index']);

  await api.call('PATCH', `${REPOSITORY}?updateMask=cleanupPolicies`, {
    cleanupPolicies: Object.fromEntries(policies.map(({ id, ...policy }) => [id, policy])),
  });
  const { body } = await api.call('POST', 'emulator/v1/cleanup', {});
  expect(body).toMatchObject({
    repositories: [{ deleted: [expect.stringContaining(old)], blocked: [expect.anything()] }],
  });
});

test('what a branch needs and nobody has ends with code 3', async () => {
  const api = await startApi();
  await createRepository(api);
  const { status, stdout, stderr } = await retention(project(api, ['fedora-43']), '--json');
  expect(status).toBe(3);
  expect(stderr).toContain('ci release-1.0 needs fedora-43 (tests/a.yml:1), and the registry');
  expect(JSON.parse(stdout)).toMatchObject({
    totals: { versions: 0 },
    missing: [{ branch: 'main', image: 'fedora-43', tag: null }, { branch: 'release-1.0' }],
  });
});

test("somebody else's DELETE of what is needed is warned of and ends with code 3, unless it only logs", async () => {
  const api = await startApi();
  const old = { action: 'DELETE', condition: { olderThan: '0s' } };
  await createRepository(api, { cleanupPolicies: { old } });
  api.registry.push(PATH, 'needed', 'v1');
  const root = project(api, ['debian-12:v1']);
  vi.setSystemTime(dayOf(1)); // Nothing is older than 0 s at once.
  const found = await retention(root);
  expect(found.status).toBe(3);
  expect(found.stderr).toMatch(
    /policy old deletes 1 versions .*1 of them needed.*debian-12@sha256/,
  );
  await api.call('PATCH', `${REPOSITORY}?updateMask=cleanupPolicyDryRun`, {
    cleanupPolicyDryRun: true,
  });
  expect(await retention(root)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('were it no dry run') as unknown,
  });
});

test('--against shows only what a change of config alters', async () => {
  const api = await startApi();
  await createRepository(api);
  api.registry.push(PATH, 'needed', 'v1');
  api.registry.push(PATH, 'allowed', 'v0');
  await api.call('GET', `${REPOSITORY}/packages`);
  await advance(api, 100 * DAY);
  api.registry.push(PATH, 'new', 'v2');
  const root = project(api, ['debian-12:v1']);
  const at = ['--at', dayOf(100)];
  const none = await retention(root, ...at, '--against', 'HEAD');
  expect(none.stdout).toContain('0 of 0 versions');
  writeFileSync(join(root, 'config/retention.yml'), `${WHOLE}${PATTERN}allow: ['debian-12:v0']\n`);
  const { stdout } = await retention(root, ...at, '--against', 'HEAD');
  expect(stdout).toContain('allowed as debian-12:v0');
  expect(stdout).not.toContain('needed by');
  expect(await retention(root, '--against', 'no-such')).toMatchObject({ status: 1 });
});

test('a registry that does not answer, or has no such repository, ends with code 1', async () => {
  const api = await startApi();
  const { status, stdout, stderr } = await retention(project(api, ['debian-12']));
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(
    'there is no repository images in europe-west4 of ci-images; run pulumi up',
  );
});

test.each(['yesterday', '2026-13-01', '1'])('--at %s is a wrong command line', async (day) => {
  const { status, stderr } = await retention(checkout({}), '--at', day);
  expect(status).toBe(2);
  expect(stderr).toContain('2027-03-01');
});

test('--at a day that has passed is a wrong command line, today is now', async () => {
  const past = await retention(checkout({}), '--at', dayOf(-1));
  expect(past).toMatchObject({ status: 2, stdout: '' });
  expect(past.stderr).toContain('write today, 2026-03-01, or a later day');

  const api = await startApi();
  await createRepository(api);
  api.registry.push(PATH, 'needed', 'v1');
  const { stdout } = await retention(project(api, ['debian-12']), '--at', '2026-03-01', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ at: NOON });
});

test('what is wrong at the revision that is compared with is told as there', async () => {
  const api = await startApi();
  await createRepository(api);
  const root = project(api, ['debian-12']);
  const against = () => retention(root, '--against', 'before');

  writeFileSync(join(root, 'config/retention.yml'), 'window: 90\n');
  git(root, 'rm', '--quiet', '--cached', 'config/images.yml');
  git(root, 'commit', '--quiet', '--all', '-m', 'x');
  git(root, 'branch', 'before');
  git(root, 'reset', '--quiet', 'main~1', '--', 'config');
  writeFileSync(join(root, 'config/retention.yml'), WHOLE + PATTERN);
  const wrong = await against();
  expect(wrong).toMatchObject({ status: 1, stdout: '' });
  expect(wrong.stderr).toContain('before:config/retention.yml:1:9  window  INVALID_DURATION');

  git(root, 'commit', '--quiet', '-m', 'x', '--', 'config/retention.yml');
  git(root, 'branch', '--force', 'before');
  expect((await against()).stderr).toContain('before:config/images.yml  FILE_MISSING');
  expect((await against()).stderr).toContain('compare with a revision that has the file');
  expect((await against()).stderr).not.toContain('write the');

  git(root, 'rm', '--quiet', '--cached', 'config/retention.yml');
  git(root, 'commit', '--quiet', '-m', 'x');
  git(root, 'branch', '--force', 'before');
  expect((await against()).stderr).toContain('before:config/retention.yml  FILE_MISSING');
});
