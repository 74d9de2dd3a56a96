import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refreshCatalog, type RefreshRequest } from '../../src/refresh/refresh-catalog.ts';
import { CATALOG, CHECKOUT, DISK } from '../catalog/checkout.ts';
import { askOf, hex, page, sum, type Site } from './publishers/some-site.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { TODAY, upstreamOf } from './some-catalog.ts';

const TOP = 'https://cloud.debian.org/images/cloud/bookworm/';
const build = (id: string, flavour = 'generic') =>
  `${TOP}${id}/debian-12-${flavour}-amd64-${id}.qcow2`;
const OLD = '20240101-1';
const NEW = '20250101-2';
const OLD_SUM = sum('a', 'sha512');
const NEW_SUM = sum('b', 'sha512');

const SITE: Site = {
  [TOP]: page(`${OLD}/`, `${NEW}/`),
  [`${TOP}${NEW}/SHA512SUMS`]: [
    `${hex('b', 'sha512')}  debian-12-generic-amd64-${NEW}.qcow2`,
    `${hex('c', 'sha512')}  debian-12-nocloud-amd64-${NEW}.qcow2`,
  ].join('\n'),
};

/** An entry with a URL and a checksum, as they are written. */
function entry(name: string, url = build(OLD), checksum: string = OLD_SUM, more = ''): string {
  return `  - kind: vm-disk\n    name: ${name}\n    distribution: debian\n    version: "12"\n    url: ${url}\n    checksum: ${checksum}\n${more}`;
}

function refreshed(
  entries: string,
  { only = [], site = SITE }: Partial<Pick<RefreshRequest, 'only'>> & { site?: Site } = {},
) {
  const text = `images:\n${entries}`;
  const tree = memoryTree({ [DISK]: CHECKOUT[DISK] ?? '' });
  const request = { file: CATALOG, text, tree, only, dates: { today: TODAY } };
  return refreshCatalog(request, { ...upstreamOf({}), ask: askOf(site) });
}

const fresh = (text: string) => text.replaceAll(OLD, NEW).replaceAll(OLD_SUM, NEW_SUM);

describe('a disk of which there is a newer build', () => {
  test('is pinned to its URL and its checksum, and gets another tag', async () => {
    const { text, changes, tags, kept } = await refreshed(entry('vm-a'));
    expect(text).toBe(`images:\n${fresh(entry('vm-a'))}`);
    expect(changes).toMatchObject([
      { kind: 'url', from: build(OLD), to: build(NEW), written: { path: 'images[0].url' } },
      { kind: 'checksum', from: OLD_SUM, to: NEW_SUM, images: ['vm-a'] },
    ]);
    expect(tags.map(({ image }) => image)).toEqual(['vm-a']);
    expect(kept).toEqual([]);
  });

  test('is changed at its anchors, for all who share them', async () => {
    const entries = entry('vm-a', `&u ${build(OLD)}`, `&c ${OLD_SUM}`) + entry('vm-b', '*u', '*c');
    const { text, changes } = await refreshed(entries);
    expect(text).toBe(`images:\n${fresh(entries)}`);
    expect(changes.map(({ kind, images }) => [kind, ...images])).toEqual([
      ['url', 'vm-a', 'vm-b'],
      ['checksum', 'vm-a', 'vm-b'],
    ]);
  });

  test('keeps both where --only leaves out somebody who shares one of them', async () => {
    const entries = entry('vm-a', build(OLD), `&c ${OLD_SUM}`) + entry('vm-b', build(OLD), '*c');
    const { text, kept } = await refreshed(entries, { only: ['vm-a'] });
    expect(text).toBe(`images:\n${entries}`);
    expect(kept).toMatchObject([{ kind: 'url', code: 'SHARED_WITH_OTHERS' }]);
    const both = await refreshed(entries, { only: ['vm-b', 'vm-a'] });
    expect(both.text).toBe(`images:\n${fresh(entries)}`);
  });

  test('is left alone by --only where it is not named', async () => {
    const entries = entry('vm-a') + entry('vm-b');
    const { text } = await refreshed(entries, { only: ['vm-b'] });
    expect(text).toBe(`images:\n${entry('vm-a')}${fresh(entry('vm-b'))}`);
  });
});

describe('a disk is kept, and the others are refreshed, where', () => {
  const other = entry('vm-b', build(OLD, 'nocloud'), sum('d', 'sha512'));
  const sums = `${TOP}${NEW}/SHA512SUMS`;
  const [generic = '', nocloud = ''] = (SITE[sums] ?? '').split('\n');
  test.each([
    ['no checksum is published for it', nocloud],
    ['an empty one is', `${nocloud}\n  debian-12-generic-amd64-${NEW}.qcow2`],
    ['two are', `${nocloud}\n${generic}\n${generic.replaceAll('b'.repeat(9), '9'.repeat(9))}`],
  ])('%s', async (_, text) => {
    const after = await refreshed(entry('vm-a') + other, { site: { ...SITE, [sums]: text } });
    const expected = other.replaceAll(OLD, NEW).replace(sum('d', 'sha512'), sum('c', 'sha512'));
    expect(after.text).toBe(`images:\n${entry('vm-a')}${expected}`);
    expect(after.kept).toMatchObject([{ code: 'CHECKSUM_UNREADABLE', images: ['vm-a'] }]);
  });

  test('its newest build is pinned by another disk from another address', async () => {
    const mirror = build(NEW).replace('cloud.debian.org', 'mirror.test');
    const pinned = entry('vm-b', mirror, NEW_SUM);
    const site = { [mirror.slice(0, mirror.indexOf(NEW))]: page(`${NEW}/`) };
    const rest = { [`${mirror.slice(0, mirror.lastIndexOf('/'))}/SHA512SUMS`]: SITE[sums] ?? '' };
    const after = await refreshed(entry('vm-a') + pinned, { site: { ...SITE, ...site, ...rest } });
    expect(after.text).toBe(`images:\n${entry('vm-a')}${pinned}`);
    expect(after.kept).toMatchObject([{ code: 'CHECKSUM_OF_OTHER_URL', images: ['vm-a'] }]);
  });
});

test('disks of distributions that are not followed are named, and are no failure', async () => {
  const other = entry('vm-oracle').replace('debian\n', 'oracle\n');
  const { text, kept, notFollowed } = await refreshed(other);
  expect(text).toBe(`images:\n${other}`);
  expect({ kept, notFollowed }).toEqual({ kept: [], notFollowed: ['vm-oracle'] });
});

/** Ways to write a value, each of which stays as it is when the value becomes another one. */
const STYLES: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `'${value}' # ${OLD}`,
  (value) => `"${value}"`,
  (value) => `&x >-\n      ${value}`,
  (value) => `|-\n      ${value}`,
];
const anyStyle = fc.constantFrom(...STYLES);
const anyEntry = fc
  .record({ url: anyStyle, checksum: anyStyle, isFresh: fc.boolean(), isFirst: fc.boolean() })
  .map(({ url, checksum, isFresh, isFirst }) => (at: number, isAfter: boolean) => {
    const isNew = isFresh || isAfter;
    const lines = [
      `    url: ${url(build(isNew ? NEW : OLD))}\n`,
      `    checksum: ${checksum(isNew ? NEW_SUM : OLD_SUM)}\n`,
    ];
    const pins = (isFirst ? lines : lines.toReversed()).join('');
    return `  # ${OLD}\n  - kind: vm-disk\n    name: vm-i${at}\n    distribution: debian\n    version: "12"\n${pins}`;
  });

test('every other byte stays, however it is written, and a second refresh changes nothing', async () => {
  const anyEntries = fc.array(anyEntry, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(anyEntries, async (entries) => {
      const write = (isAfter: boolean) => entries.map((each, at) => each(at, isAfter)).join('');
      const after = await refreshed(write(false));
      expect(after.text).toBe(`images:\n${write(true)}`);
      const again = await refreshed(write(true));
      expect(again).toMatchObject({ text: after.text, changes: [], kept: [], tags: [] });
    }),
    { numRuns: 20 },
  );
});
