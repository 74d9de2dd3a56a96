import { describe, expect, test } from 'vitest';
import { describePage, type PageInputs } from '../../src/page/describe-page.ts';
import { withoutDeleted, withoutForecast } from '../../src/page/publications.ts';
import { pagePlaces } from '../../src/page/web-address.ts';
import { forecast } from '../../src/retention/forecast.ts';
import type { References } from '../../src/branches/references.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, held, NOW, someRetention, tag } from '../retention/retention-fixture.ts';
import { somePlannedCopy, somePlannedImage } from '../support/some-planned-image.ts';

const MAIN = branch('main');
const RELEASE = branch('release-1.3');
const TAG = 'a'.repeat(32);
const OLD = 'b'.repeat(32);
const COMMIT = 'c'.repeat(40);
const CI = { name: 'ci', repository: 'https://github.com/some/repository.git' };

interface Changes extends Partial<PageInputs> {
  readonly versions?: readonly HeldVersion[];
}

function forecastOf(versions: readonly HeldVersion[], needs: References['needs']) {
  const references = { branches: [MAIN, RELEASE], needs };
  const times = { now: NOW, at: NOW };
  return forecast({ versions, live: [], retention: someRetention(), references, ...times });
}

/** What the page shows of these versions, of which the branches have these needs. */
function pageOf(needs: References['needs'], { versions = [], ...changes }: Changes = {}) {
  const references = { branches: [MAIN, RELEASE], needs };
  return describePage({
    day: '2026-12-01',
    registry: 'registry.example/ci',
    catalogFile: 'config/images.yml',
    images: [somePlannedImage({ tag: tag(TAG), line: 7 })],
    references,
    forecast: forecastOf(versions, needs),
    isDryRun: false,
    details: new Map(),
    stale: new Set(),
    places: pagePlaces([CI], { source: 'https://gitlab.com/own/images', revision: COMMIT }),
    warnings: [],
    notes: [],
    ...changes,
  });
}

const current = held('debian-12', 1, { tags: [TAG, 'latest'], digest: digest('a') });
const old = held('debian-12', 200, { tags: [OLD], digest: digest('b') });

describe('an image', () => {
  test('is published where the registry has the version of the catalog', () => {
    const [image] = pageOf([], { versions: [current] }).images;
    expect(image).toMatchObject({
      name: 'debian-12',
      states: ['published'],
      neededBy: [],
      declared: {
        place: {
          file: 'config/images.yml',
          line: 7,
          url: `https://gitlab.com/own/images/-/blob/${COMMIT}/config/images.yml#L7`,
        },
      },
      versions: [{ digest: digest('a'), tag: TAG, aliases: ['latest'], published: '2026-11-30' }],
    });
  });

  test('is missing where the registry has only another version, or lost one that is needed', () => {
    expect(pageOf([], { versions: [old] }).images[0]?.states).toEqual(['missing']);
    // Its alias has lost the tag beside which it stood.
    const left = held('debian-12', 5, { tags: ['release-1.3'], digest: digest('d') });
    const lost = pageOf([need(RELEASE, 'debian-12', OLD)], { versions: [current, left] });
    expect(lost.images[0]?.states).toEqual(['missing', 'published']);
    expect(lost.branches[1]?.needs).toMatchObject([{ state: 'missing', wanted: OLD }]);
  });

  test('whose commands verify it has them, and one with systemd has none', () => {
    const images = [somePlannedImage({ verify: ['tool --version'] }), somePlannedImage()];
    const verified = pageOf([], { images }).images.map(({ declared }) => declared?.verify);
    expect(verified).toEqual([['tool --version'], undefined]);
  });

  test('that was built elsewhere says what runs of it', () => {
    const images = [somePlannedCopy({ holds: 'vm-disk' })];
    expect(pageOf([], { images }).images[0]?.declared).toMatchObject({
      kind: 'copy',
      holds: 'vm-disk',
    });
  });

  test('that the catalog accepts by its digest is missing all the same under another tag', () => {
    const images = [somePlannedImage({ tag: tag(TAG), adopt: digest('b') })];
    expect(pageOf([], { versions: [old], images }).images[0]?.states).toEqual(['missing']);
  });

  test('has a stale base beside its state', () => {
    const { images } = pageOf([], { versions: [current], stale: new Set(['debian-12']) });
    expect(images[0]?.states).toEqual(['stale base', 'published']);
  });

  test('that left the catalog, or that a branch alone names, comes after those of the catalog', () => {
    const gone = held('aaa-gone', 3, { tags: [OLD], digest: digest('e') });
    const { images } = pageOf([need(MAIN, 'aaa-nowhere', 'v1')], { versions: [gone] });
    expect(images.map(({ name, states }) => [name, states])).toEqual([
      ['debian-12', ['missing']],
      ['aaa-gone', ['published']],
      ['aaa-nowhere', ['missing']],
    ]);
    expect(images.map(({ declared }) => declared !== undefined)).toEqual([true, false, false]);
  });

  test('is unknown, and no version is lost, where the registry could not be read', () => {
    const page = pageOf([need(MAIN, 'debian-12', OLD)], { forecast: undefined });
    expect(page.images).toMatchObject([{ states: ['unknown'], versions: [] }]);
    expect(page.branches[0]?.needs).toMatchObject([{ state: 'unknown' }]);
    expect(page).toMatchObject({ sizes: [], cleanUp: { isDryRun: false }, unread: ['registry'] });
  });

  test('is endangered where a policy in force deletes what a branch needs, unless it only logs', () => {
    const needs = [need(MAIN, 'debian-12', OLD)];
    const references = { branches: [MAIN], needs };
    const live = [{ id: 'all', action: 'DELETE', condition: { olderThan: '1s' } }] as const;
    const versions = [current, old];
    const retention = someRetention();
    const found = forecast({ versions, live, retention, references, now: NOW, at: NOW });
    const page = pageOf(needs, { forecast: found, references });
    expect(page.images[0]?.states).toEqual(['endangered', 'published']);
    expect(page.branches[0]?.needs).toMatchObject([{ state: 'endangered', gets: digest('b') }]);
    const logging = pageOf(needs, { forecast: found, references, isDryRun: true });
    expect(logging.images[0]?.states).toEqual(['published']);
  });
});

describe('a version', () => {
  test('says which branch needs it, in which file and line, and since when it could go', () => {
    const needs = [need(RELEASE, 'debian-12', OLD)];
    const [image] = pageOf(needs, { versions: [current, old] }).images;
    expect(image?.versions[1]).toMatchObject({
      verdict: 'keep',
      goesAt: undefined,
      reasons: [
        {
          text: 'needed by',
          branch: { source: 'ci', branch: 'release-1.3' },
          place: {
            file: 'tests/files/some.yml',
            line: 3,
            url: `https://github.com/some/repository/blob/${COMMIT}/tests/files/some.yml#L3`,
          },
        },
      ],
    });
    const several = needs.map((one) => ({ ...one, places: [...one.places, ...one.places] }));
    const [twice] = pageOf(several, { versions: [current, old] }).images;
    expect(twice?.versions[1]?.reasons[0]?.otherPlaces).toBe(1);
    const [unneeded] = pageOf([], { versions: [current, old] }).images;
    expect(unneeded?.versions[1]).toMatchObject({
      verdict: 'delete',
      goesAt: '2026-08-13', // 200 days ago, and 90 later
      reasons: [{ text: 'older than 90d, and nothing keeps it', since: '2026-08-13' }],
    });
  });

  test('has the day on which it goes once, so that others stay for the same reason', () => {
    const young = held('debian-12', 80, { tags: [OLD], digest: digest('b') });
    const [image] = pageOf([], { versions: [current, young] }).images;
    expect(image?.versions[1]).toMatchObject({
      goesAt: '2026-12-11',
      reasons: [{ text: 'younger than 90d', since: '2026-09-12' }],
    });
  });

  test('has the needs and the size of its images for platforms, and shared layers once', () => {
    const layer = { digest: 'sha256:layer', size: 700 };
    const member = (hex: string, platform: string) => {
      const own = { digest: `sha256:${hex}`, size: 100 };
      const one = { digest: digest(hex), indexes: [digest('a')], blobs: [layer, own] };
      return { platform, version: held('debian-12', 1, one) };
    };
    const members = [member('1', 'linux/amd64'), member('2', 'linux/arm64')];
    const index = {
      ...current,
      members: members.map(({ platform, version }) => ({ platform, digest: version.digest })),
    };
    const signature = held('debian-12', 1, { digest: digest('3'), subjects: [digest('a')] });
    const versions = [index, ...members.map(({ version }) => version), signature];
    const wanted = { ...need(MAIN, 'debian-12'), digest: digest('2'), tag: undefined };
    const page = pageOf([{ ...wanted, isBare: false }], { versions });
    // Kept for its own sake, a member has a row beside that of its index.
    const { versions: rows = [] } = page.images[0] ?? {};
    expect(rows.map((row) => row.digest).toSorted()).toEqual([digest('2'), digest('a')]);
    const whole = rows.find((row) => row.digest === digest('a'));
    // index 1000 + layer 700 + 2 × 100 + signature 1000
    expect(whole?.bytes).toBe(2900);
    expect(page.images[0]?.bytes).toBe(2900);
    expect(whole?.reasons[0]).toMatchObject({ text: 'needed by', branch: { branch: 'main' } });
    expect(whole?.platforms.map(({ platform }) => platform)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ]);
    expect(page.branches[0]?.needs[0]?.gets).toBe(digest('2'));
    expect(page.sizes).toContainEqual({ day: '2026-12-01', bytes: 2900 });
  });

  test('has no day where nothing says when it was published', () => {
    const timeless = { ...old, uploadedAt: new Date(0), isTimeUnknown: true };
    const [image] = pageOf([], { versions: [timeless] }).images;
    expect(image?.versions[0]?.published).toBeUndefined();
  });

  test('is the first of those whose day is unknown where it has the tag latest', () => {
    const timeless = ['1', '2', '3'].map((hex) => {
      const tags = hex === '2' ? ['latest'] : [`v${hex}`];
      const own = { digest: digest(hex), tags, uploadedAt: new Date(0) };
      return { ...held('debian-12', 1, own), isTimeUnknown: true };
    });
    const [image] = pageOf([], { versions: timeless }).images;
    expect(image?.versions.map((one) => one.digest)).toEqual(['2', '1', '3'].map(digest));
  });

  test('has no verdict where not all branches could be read', () => {
    const changes = { references: undefined, forecast: withoutForecast([current, old]) };
    const { images, branches, cleanUp, unread } = pageOf([], changes);
    expect(unread).toEqual(['branches']);
    expect(images[0]?.versions).toMatchObject([
      { verdict: 'unknown', reasons: [{ text: 'not all branches could be read' }] },
      { verdict: 'unknown' },
    ]);
    expect({ branches, cleanUp }).toEqual({ branches: [], cleanUp: { isDryRun: false } });
  });
});

test('the sizes are those of the days of uploads, and of the clean-ups to come', () => {
  const going = held('debian-12', 80, { tags: ['v1'], digest: digest('f') });
  const { sizes, cleanUp } = pageOf([], { versions: [current, going, old] });
  expect(sizes).toEqual([
    { day: '2026-05-15', bytes: 1000 },
    { day: '2026-09-12', bytes: 2000 },
    { day: '2026-11-30', bytes: 3000 },
    { day: '2026-12-01', bytes: 3000 },
    { day: '2026-12-02', bytes: 2000 }, // The next clean-up is at the earliest tomorrow's.
    { day: '2026-12-11', bytes: 1000 },
  ]);
  expect(cleanUp).toEqual({
    isDryRun: false,
    next: { day: '2026-12-02', versions: 1, bytes: 1000 },
  });
});

test('a later day has what the clean-ups before it leave', () => {
  const going = held('debian-12', 80, { tags: ['v1'], digest: digest('f') });
  const { versions } = forecastOf([current, going, old], []);
  const leftOn = (day: string) => withoutDeleted(versions, { today: '2026-12-01', day }).length;
  // What is due is still there, and goes tomorrow; the other one goes on the 11th.
  const days = ['2026-12-01', '2026-12-02', '2026-12-03', '2026-12-11', '2026-12-12'];
  expect(days.map(leftOn)).toEqual([3, 3, 2, 2, 1]);
});

test('images of interrupted runs count in sizes, and are named', () => {
  const lone = held('debian-12', 2, { tags: [`${OLD}-linux-amd64`], digest: digest('f') });
  const { images, sizes, notes } = pageOf([], { versions: [current, lone] });
  expect(images[0]?.versions).toHaveLength(1);
  expect(sizes).toContainEqual({ day: '2026-12-01', bytes: 2000 });
  expect(notes).toEqual([expect.stringContaining('debian-12: 1 images for one platform')]);
});

test('hostile names pass through as data', () => {
  const hostile = '</script><img src=x onerror=alert(1)>';
  const evil = { ...branch('evil'), branch: hostile };
  const named = need(evil, 'debian-12', OLD);
  const needs = [{ ...named, places: [{ file: `a b/${hostile}`, line: 1 }] }];
  const references = { branches: [evil], needs };
  const page = pageOf(needs, { versions: [current], references });
  expect(page.branches[0]).toMatchObject({ branch: hostile, needs: [{ wanted: OLD }] });
  expect(page.branches[0]?.needs[0]?.places).toEqual([
    {
      file: `a b/${hostile}`,
      line: 1,
      url: `https://github.com/some/repository/blob/${COMMIT}/a%20b/${hostile.split('/').map(encodeURIComponent).join('/')}#L1`,
    },
  ]);
});
