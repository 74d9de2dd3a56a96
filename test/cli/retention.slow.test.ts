import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { checkout, commitAll } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { PATH, project, REPOSITORY, startAtNoon, started, WHOLE } from './registry-project.ts';
import { git } from '../git/git-repository.ts';
import { advance, NOON, startApi } from '../sandbox/emulators/google/started-api.ts';

const DAY = 86_400;

startAtNoon();

function retention(root: string, ...args: string[]) {
  return printedBy(root, 'retention', ...args);
}

/** The emulator's time so many days after it began. */
function dayOf(days: number): string {
  return new Date(Date.parse(NOON) + days * DAY * 1000).toISOString();
}

/** The versions `v0` and `v1`, which the project needs; and `v2` and `v3`, which are a hundred days younger. */
async function aged() {
  const { api, root, push } = await started();
  push('needed', 'v1');
  push('old', 'v0');
  await api.call('GET', `${REPOSITORY}/dockerImages`);
  await advance(api, 100 * DAY);
  push('new', 'v2');
  push('newer', 'v3');
  return root;
}

const AT = ['--at', dayOf(100)];

test('a table has each version with its verdict and reason, and the totals', async () => {
  const { status, stdout, stderr } = await retention(await aged(), ...AT);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.split('\n').map((line) => line.split(/ {2,}/).join('|'));
  expect(lines.map((line) => line.replace(/^sha256:[0-9a-f]{12}\|/, 'digest|'))).toEqual([
    'debian-12',
    'VERSION|TAGS|SIZE|AGE|VERDICT|GOES|REASON',
    '2 versions|14 B|0d|keep|never|one of the newest 3 manifests (keepNewest: 1)',
    'digest|v1|7 B|100d|keep|never|needed by main (tests/a.yml:1); and 2 more',
    'digest|v0|7 B|100d|delete|2026-05-30|older than 90d, and nothing keeps it',
    '',
    '2026-06-09: 1 of 4 versions go, 7 B of 28 B (dry run: nothing is deleted)',
    '',
  ]);
});

test("the forecast is what the emulator's clean-up then deletes, with all that belongs to a version", async () => {
  const { api, root, push } = await started();
  const { registry } = api;
  const tagFor = (digest: string, end = '') => `sha256-${digest.slice('sha256:'.length)}${end}`;
  const look = () => api.call('GET', `${REPOSITORY}/dockerImages`);
  /** An index with two members, the signature of one, the referrers of the index, and a loose one. */
  const pushWhole = async (label: string, tag: string) => {
    const members = [push(`${label} image`), push(`${label} attestation`)];
    const index = registry.pushIndex(PATH, members, tag);
    const names = [push(`${label} signature`, tagFor(members[0] ?? '', '.sig'))];
    const referrer = registry.pushAbout(PATH, index, `${label} referrer`);
    names.push(registry.pushIndex(PATH, [referrer], tagFor(index)));
    // The registry lists what has a tag, so that the emulator sees it once.
    names.push(registry.pushAbout(PATH, index, `${label} loose`, 'loose'));
    await look();
    push('unrelated', 'loose');
    return { index, members, referrer, others: names };
  };
  const needed = await pushWhole('needed', 'v1');
  const old = await pushWhole('old', 'v0');
  await advance(api, 100 * DAY);
  // As many as attachments are counted among the newest.
  for (let count = 0; count < 20; count += 1) push(`new ${count}`, `n${count}`);
  const run = async () => {
    const { stdout } = await retention(root, '--json', ...AT);
    return JSON.parse(stdout) as {
      images: {
        entries: {
          digest: string;
          members: string[];
          verdict: string;
          reasons: { text: string }[];
        }[];
      }[];
      policies: { id: string }[];
    };
  };
  const { images, policies } = await run();
  const entries = images.flatMap((image) => image.entries);
  const goingIn = (all: typeof entries) =>
    all.flatMap(({ digest, verdict }) => (verdict === 'delete' ? digest : [])).sort();
  const unrelated = push('unrelated', 'loose');
  expect(goingIn(entries)).toEqual([old.index, ...old.others, unrelated].sort());
  const entryOf = (digest: string) => entries.find((entry) => entry.digest === digest);
  for (const digest of needed.others) {
    const [reason] = entryOf(digest)?.reasons ?? [];
    expect(reason?.text).toBe(`belongs to ${needed.index}, which is kept`);
  }
  expect(entryOf(needed.index)?.members).toEqual(needed.members);
  expect([...needed.members, needed.referrer].flatMap((digest) => entryOf(digest) ?? [])).toEqual(
    [],
  );

  const setPolicies = (all: typeof policies) =>
    api.call('PATCH', `${REPOSITORY}?updateMask=cleanupPolicies`, {
      cleanupPolicies: Object.fromEntries(all.map(({ id, ...policy }) => [id, policy])),
    });
  const cleanUp = async () => {
    const { body } = await api.call('POST', 'emulator/v1/cleanup', {});
    const { repositories } = body as { repositories: { deleted: string[] }[] };
    return repositories[0]?.deleted.map((name) => name.split('/').at(-1) ?? '').sort();
  };
  await setPolicies(policies);
  expect(await cleanUp()).toEqual(goingIn(entries));
  // The members of the indexes, which went first.
  const then = await run();
  await setPolicies(then.policies);
  const goingThen = goingIn(then.images.flatMap((image) => image.entries));
  expect(goingThen).toEqual(expect.arrayContaining([...old.members, old.referrer]));
  expect(await cleanUp()).toEqual(goingThen);
});

test('a need that was never published is news', async () => {
  const { root } = await started('fedora-43');
  const { status, stdout, stderr } = await retention(root, '--json');
  expect(status).toBe(0);
  expect(stderr).toBe(
    'news: 1 versions that branches need were never published:\n  fedora-43 (ci main, ci release-1.0)\n',
  );
  expect(JSON.parse(stdout)).toMatchObject({
    totals: { versions: 0 },
    missing: [],
    unpublished: [{ branch: 'main', image: 'fedora-43', tag: null }, { branch: 'release-1.0' }],
  });
});

test('a need that the registry has lost ends with code 3', async () => {
  const { root, push } = await started();
  push('needed', 'release-1.0');
  const { status, stdout, stderr } = await retention(root, '--json');
  expect(status).toBe(3);
  expect(stderr).toContain('ci release-1.0 needs debian-12:v1 (tests/a.yml:1), and the registry');
  expect(JSON.parse(stdout)).toMatchObject({
    missing: [
      { branch: 'main', tag: 'v1' },
      { branch: 'release-1.0', tag: 'v1' },
    ],
  });
});

test("somebody else's DELETE of a needed version is a warning and ends with code 3, unless it only logs", async () => {
  const old = { action: 'DELETE', condition: { olderThan: '0s' } };
  const { api, root, push } = await started('debian-12:v1', { cleanupPolicies: { old } });
  push('needed', 'v1');
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

test('a registry without such a repository ends with code 1', async () => {
  const { status, stdout, stderr } = await retention(project(await startApi(), 'debian-12'));
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(
    'there is no repository images in europe-west4 of ci-images; run pulumi up',
  );
});

test('a catalog with a mistake ends with code 1: nobody knows how many platforms an image has', async () => {
  const { root } = await started('debian-12');
  writeFileSync(join(root, 'config/images.yml'), 'images: none\n');
  const { status, stdout, stderr } = await retention(root);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('config/images.yml:1:9');
});

test('an address of the API with an account in it ends with code 1, unquoted', async () => {
  const root = project(await startApi(), 'debian-12');
  const file = join(root, 'Pulumi.prod.yaml');
  const settings = readFileSync(file, 'utf8');
  writeFileSync(file, settings.replace('"http://', '"http://me:hunter2@'));
  const { status, stdout, stderr } = await retention(root);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('write an address without an account');
  expect(stderr).not.toContain('hunter2');
});

describe('--at', () => {
  test.each([
    ['yesterday', '2027-03-01'],
    ['2026-13-01', '2027-03-01'],
    ['2027-02-29', '2027-03-01'],
    ['1', '2027-03-01'],
    [dayOf(-1), 'write today, 2026-03-01, or a later day'],
  ])('%s is a wrong command line', async (day, remedy) => {
    const { status, stdout, stderr } = await retention(checkout({}), '--at', day);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(remedy);
  });

  test('today is now', async () => {
    const { root, push } = await started('debian-12');
    push('needed', 'v1');
    const { stdout } = await retention(root, '--at', '2026-03-01', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ at: NOON });
  });
});

describe('--against', () => {
  test('shows only what a change of config alters', async () => {
    const root = await aged();
    const none = await retention(root, ...AT, '--against', 'HEAD');
    expect(none.stdout).toContain('0 of 0 versions');
    writeFileSync(join(root, 'config/retention.yml'), `${WHOLE}allow: ['debian-12:v0']\n`);
    const { stdout } = await retention(root, ...AT, '--against', 'HEAD');
    expect(stdout).toContain('allowed as debian-12:v0');
    expect(stdout).not.toContain('needed by');
    expect(await retention(root, '--against', 'no-such')).toMatchObject({ status: 1 });
  });

  test('tells what was to become of a version, and nothing of a reference in another line', async () => {
    const root = await aged();
    const config = join(root, 'config/retention.yml');
    const run = async () => {
      const { stdout } = await retention(root, ...AT, '--json', '--against', 'HEAD');
      const { against, images } = JSON.parse(stdout) as {
        against: string;
        images: { entries: { tags: string[]; before: object }[] }[];
      };
      expect(against).toBe('HEAD');
      return images.flatMap(({ entries }) => entries.map(({ tags, before }) => ({ tags, before })));
    };
    expect(await run()).toEqual([]);
    writeFileSync(config, `# Another line.\n${WHOLE}allow: ['debian-12:v0', 'debian-12:v1']\n`);
    const day: unknown = expect.stringMatching(/^2026-05-30T/);
    const expired = { kind: 'expired', text: 'older than 90d, and nothing keeps it' };
    const before = { verdict: 'delete', goesAt: day, reasons: [expired] };
    // The other one is still needed by a branch.
    expect(await run()).toEqual([{ tags: ['v0'], before }]);
    writeFileSync(config, WHOLE.replace('only: [main, ', 'only: ['));
    // Its first reason was another branch; its verdict and day stay.
    expect(await run()).toMatchObject([{ tags: ['v1'], before: { verdict: 'keep' } }]);
  });

  test('counts as never published what only the change needs', async () => {
    const { root } = await started('fedora-43');
    writeFileSync(join(root, 'config/retention.yml'), WHOLE.replace(', release-1.0', ''));
    commitAll(root, 'before');
    writeFileSync(join(root, 'config/retention.yml'), WHOLE);
    const { stdout } = await retention(root, '--json', '--against', 'HEAD');
    expect(JSON.parse(stdout)).toMatchObject({
      unpublished: [{ branch: 'release-1.0', image: 'fedora-43' }],
    });
  });

  test.each([
    ['a wrong file', 'retention.yml', 'retention.yml:1:9  window  INVALID_DURATION', /./],
    ['no catalog', 'images.yml', 'images.yml  FILE_MISSING', /compare with a revision that has/],
    ['no retention file', 'retention.yml', 'retention.yml  FILE_MISSING', /compare with/],
  ])('reports %s in the revision, and not in the checkout', async (what, name, problem, remedy) => {
    const { root } = await started('debian-12');
    if (what === 'a wrong file') writeFileSync(join(root, 'config', name), 'window: 90\n');
    else git(root, ['rm', '--quiet', `config/${name}`]);
    commitAll(root, 'before');
    git(root, ['branch', 'before']);
    git(root, ['reset', '--quiet', '--hard', 'HEAD~1']);
    const { status, stdout, stderr } = await retention(root, '--against', 'before');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`before:config/${problem}`);
    expect(stderr).toMatch(remedy);
    expect(stderr).not.toContain('write the');
  });
});
