import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { plainProject } from './plain-project.ts';
import { CATALOG, commitAll } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { GONE, upstream } from './refresh-fixture.ts';
import { startPublished } from './published-images.ts';
import { PATH } from './registry-project.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { keepVerification } from '../../src/verify/kept-verifications.ts';
import { parseDigest } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';
import { DAY_MS, formatDay } from '../../src/dates.ts';

// The emulators' time begins at noon of the first of March, and a publication takes a day.
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-10T08:00:00Z'), toFake: ['Date'] });
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
});
afterEach(() => {
  vi.useRealTimers();
});

const OLD = 'a'.repeat(32);
const NEW = 'b'.repeat(32);

/** Two versions, of which branches need the first, and how to write the page of them. */
async function published() {
  const { api, root, publish } = await startPublished('debian-12:v1');
  const old = await publish({
    tags: [OLD, 'v1'],
    platforms: { 'linux/amd64': { packages: ['openssl 3.0.17-1 amd64'] } },
  });
  const digest = await publish({
    tags: [NEW, 'latest'],
    platforms: { 'linux/amd64': { packages: ['openssl 3.0.18-1 amd64', 'tzdata 2025b-1 all'] } },
  });
  const page = (...args: string[]) => printedBy(root, 'page', '--out', 'site', ...args);
  const read = (path: string) => readFileSync(join(root, 'site', path), 'utf8');
  return { api, root, old, digest, page, read };
}

test('shows the versions of an image, why they stay, and what changed between them', async () => {
  const { page, read, old, digest } = await published();
  const { status, stdout, stderr } = await page();
  expect({ status, stdout }, stderr).toEqual({
    status: 0,
    stdout: 'site shows the images (1) and branches (2) as of 2026-03-10.\n',
  });
  const image = read('images/debian-12.html');
  for (const text of [old, digest, 'tests/a.yml:1', 'openssl 3.0.17-1 → 3.0.18-1', 'tzdata']) {
    expect(image).toContain(text);
  }
  expect(read('index.html')).toContain('Newer bases and disks were not looked up.');
  expect(read('branches/ci--release-1.0.html')).toContain('v1');
});

test('the same inputs give the same bytes at another time of the day, and replace the page', async () => {
  const { root, publish } = await startPublished('debian-12:v1');
  // The page is a new file of the checkout. Lines of the catalog are links all the same.
  const file = join(root, 'Pulumi.prod.yaml');
  const source = '"kubernetes-ci-images:source":"https://github.com/some/images"';
  writeFileSync(file, readFileSync(file, 'utf8').replace('"gcp:project"', `${source},$&`));
  commitAll(root, 'source');
  // The first was published at noon, ninety days before.
  for (const tags of [['c'.repeat(32)], [OLD], [NEW, 'v1', 'latest']]) {
    await publish({ tags, platforms: { 'linux/amd64': { size: tags.join('').charCodeAt(0) } } });
  }
  const write = async (hour: string) => {
    vi.setSystemTime(new Date(`2026-05-30T${hour}:00:00Z`));
    expect(await printedBy(root, 'page', '--out', 'site')).toMatchObject({ status: 0 });
    return readFileSync(join(root, 'site/images/debian-12.html'), 'utf8');
  };
  const morning = await write('08');
  expect(morning).toMatch(/some\/images\/blob\/\w{40}\/config\/images\.yml#L3/);
  expect(await write('23')).toBe(morning);
  expect(readdirSync(root).filter((name) => name.startsWith('site'))).toEqual(['site']);
});

test("a folder with anything else stays as it is, and so does anybody's file", async () => {
  const { root, page } = await published();
  mkdirSync(join(root, 'site'));
  writeFileSync(join(root, 'site/mine.txt'), '');
  const refused = await page();
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toContain('NOT_A_PAGE');
  expect(readdirSync(join(root, 'site'))).toEqual(['mine.txt']);
  const file = await printedBy(root, 'page', '--out', 'site/mine.txt');
  expect(file.stderr).toContain('NOT_A_PAGE');
  expect(existsSync(join(root, 'site/mine.txt'))).toBe(true);
});

test('the last verification is shown with the end of its console', async () => {
  const { api, digest, page, read } = await published();
  const manifest = await fetch(`http://${api.registry.address}/v2/${PATH}/manifests/${digest}`);
  const member = /sha256:[0-9a-f]{64}/.exec(await manifest.text())?.[0] ?? '';
  await keepVerification(known(parseDigest(member)), {
    isUp: true,
    text: 'a login prompt',
    day: '2026-03-09',
    console: ['debian login:'],
  });
  await page();
  expect(read('images/debian-12.html')).toContain('debian login:');
});

describe('what cannot be read is on the page, without what only the log may say', () => {
  test('a registry', async () => {
    const { root, page, read } = await published();
    const file = join(root, 'Pulumi.prod.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"images"', '"internal"'));
    const { status, stderr } = await page();
    expect(status).toBe(1);
    expect(stderr).toContain('there is no repository internal');
    const index = read('index.html');
    expect(index).toContain('The registry could not be read (REGISTRY_ANSWER).');
    expect(index).toContain('unknown');
    expect(index).not.toContain('there is no repository');
  });

  test('branches', async () => {
    const { root, page, read } = await published();
    const file = join(root, 'config/retention.yml');
    const text = readFileSync(file, 'utf8').replace('repository: .', 'repository: ../nowhere');
    writeFileSync(file, text);
    const { status, stderr } = await page();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^warning: config\/retention\.yml.* REPOSITORY_UNREACHABLE\nwarning: .*nowhere/m,
    );
    const index = read('index.html');
    expect(index).toContain(
      'Not all branches could be read (REPOSITORY_UNREACHABLE at config/retention.yml)',
    );
    expect(index).not.toContain('nowhere');
    expect(read('images/debian-12.html')).toContain('not all branches could be read');
  });
});

test('a needed version that is lost is on the page, and ends with code 3', async () => {
  const { root, publish } = await startPublished('debian-12:v1');
  await publish({ tags: ['release-1.0'], platforms: { 'linux/amd64': {} } });
  expect(await printedBy(root, 'page', '--out', 'site')).toMatchObject({ status: 3 });
  const index = readFileSync(join(root, 'site/index.html'), 'utf8');
  expect(index).toContain('ci release-1.0 needs debian-12:v1 (tests/a.yml:1), and the registry');
});

test('--lookup marks what has a newer base, and says whose base could not be looked up', async () => {
  const { root, page, read } = await published();
  const { registry } = await scriptedServer(upstream);
  const file = join(root, 'config/images.yml');
  const catalog = `${CATALOG}${GONE}`.replaceAll('base: docker.io', `base: ${registry}`);
  writeFileSync(file, catalog);
  expect(await page('--lookup')).toMatchObject({ status: 0 });
  expect(read('images/debian-12.html')).toContain('stale base');
  expect(read('images/debian-13.html')).not.toContain('stale base');
  const index = read('index.html');
  expect(index).toContain(
    'Whether the base of debian-13 is the newest is not known (BASE_MISSING).',
  );
  expect(index).not.toContain('were not looked up');
});

test('a plain registry has a page, too, with what has no day, and of a later day with what is left then', async () => {
  vi.useRealTimers();
  const { root, gate, publish, run } = await plainProject();
  const due = await publish('v0', 100);
  await publish('v1', 3);
  await publish('v3', 2);
  await publish('v2');
  gate.forget();
  expect(await run('page', '--out', 'site')).toMatchObject({ status: 0 });
  const reads = gate.seen.filter((request) => request.includes('/manifests/sha256:'));
  const counts = [...Map.groupBy(reads, String).values()].map(({ length }) => length);
  // For the forecast, and for the details.
  expect(Math.max(...counts)).toBe(2);
  const image = readFileSync(join(root, 'site/images/debian-12.html'), 'utf8');
  for (const text of ['day unknown', 'needed by', due]) expect(image).toContain(text);
  const at = formatDay(new Date(Date.now() + 2 * DAY_MS));
  expect(await run('page', '--out', 'site', '--at', at)).toMatchObject({ status: 0 });
  expect(readFileSync(join(root, 'site/images/debian-12.html'), 'utf8')).not.toContain(due);
});
