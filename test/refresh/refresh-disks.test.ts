import { describe, expect, test } from 'vitest';
import { hex, page, sum, type Site } from './publishers/some-site.ts';
import { refreshed } from './some-catalog.ts';

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
function entry(name: string, url = build(OLD), checksum: string = OLD_SUM): string {
  return `  - kind: vm-disk\n    name: ${name}\n    distribution: debian\n    version: "12"\n    url: ${url}\n    checksum: ${checksum}\n`;
}

function refreshDisks(entries: string, only: readonly string[] = [], site: Site = SITE) {
  return refreshed(`images:\n${entries}`, {}, { only, site });
}

const fresh = (text: string) => text.replaceAll(OLD, NEW).replaceAll(OLD_SUM, NEW_SUM);

describe('a disk of which there is a newer build', () => {
  test('is pinned to its URL and its checksum, and gets another tag', async () => {
    const { text, edits, tags, kept } = await refreshDisks(entry('vm-a'));
    expect(text).toBe(`images:\n${fresh(entry('vm-a'))}`);
    expect(edits).toMatchObject([
      { kind: 'url', from: build(OLD), to: build(NEW), written: { path: 'images[0].url' } },
      { kind: 'checksum', from: OLD_SUM, to: NEW_SUM, images: ['vm-a'] },
    ]);
    expect(tags.map(({ image }) => image)).toEqual(['vm-a']);
    expect(kept).toEqual([]);
  });

  test('is pinned for each platform of an image that has several', async () => {
    const arm64 = (id: string) => build(id).replace('amd64', 'arm64');
    const site = {
      ...SITE,
      [`${TOP}${NEW}/SHA512SUMS`]: [
        `${hex('b', 'sha512')}  debian-12-generic-amd64-${NEW}.qcow2`,
        `${hex('d', 'sha512')}  debian-12-generic-arm64-${NEW}.qcow2`,
      ].join('\n'),
    };
    const disks = (id: string, sums: readonly string[]) =>
      `  - kind: vm-disk\n    distribution: debian\n    version: "12"\n    disks:\n      linux/amd64: { url: ${build(id)}, checksum: ${sums[0] ?? ''} }\n      linux/arm64: { url: ${arm64(id)}, checksum: ${sums[1] ?? ''} }\n`;
    const { text, edits, tags } = await refreshDisks(
      disks(OLD, [OLD_SUM, sum('e', 'sha512')]),
      [],
      site,
    );
    expect(text).toBe(`images:\n${disks(NEW, [NEW_SUM, sum('d', 'sha512')])}`);
    expect(edits).toMatchObject([
      { kind: 'url', to: build(NEW), written: { path: 'images[0].disks["linux/amd64"].url' } },
      { kind: 'checksum', to: NEW_SUM },
      { kind: 'url', to: arm64(NEW) },
      { kind: 'checksum', to: sum('d', 'sha512'), images: ['vm-debian-12'] },
    ]);
    expect(tags.map(({ image }) => image)).toEqual(['vm-debian-12']);
  });

  test('is changed at its anchors, for all who share them', async () => {
    const entries = entry('vm-a', `&u ${build(OLD)}`, `&c ${OLD_SUM}`) + entry('vm-b', '*u', '*c');
    const { text, edits } = await refreshDisks(entries);
    expect(text).toBe(`images:\n${fresh(entries)}`);
    expect(edits.map(({ kind, images }) => [kind, ...images])).toEqual([
      ['url', 'vm-a', 'vm-b'],
      ['checksum', 'vm-a', 'vm-b'],
    ]);
  });

  test('keeps both where --only leaves out somebody who shares one of them', async () => {
    const entries = entry('vm-a', build(OLD), `&c ${OLD_SUM}`) + entry('vm-b', build(OLD), '*c');
    const { text, kept } = await refreshDisks(entries, ['vm-a']);
    expect(text).toBe(`images:\n${entries}`);
    expect(kept).toMatchObject([{ kind: 'url', code: 'SHARED_WITH_OTHERS' }]);
    const both = await refreshDisks(entries, ['vm-b', 'vm-a']);
    expect(both.text).toBe(`images:\n${fresh(entries)}`);
  });

  test('is left alone by --only where it is not named', async () => {
    const entries = entry('vm-a') + entry('vm-b');
    const { text } = await refreshDisks(entries, ['vm-b']);
    expect(text).toBe(`images:\n${entry('vm-a')}${fresh(entry('vm-b'))}`);
  });
});

describe('a disk is kept, and the others are refreshed, where', () => {
  const other = entry('vm-b', build(OLD, 'nocloud'), sum('d', 'sha512'));
  const sums = `${TOP}${NEW}/SHA512SUMS`;

  test('no checksum is published for it', async () => {
    const [, nocloud = ''] = (SITE[sums] ?? '').split('\n');
    const after = await refreshDisks(entry('vm-a') + other, [], { ...SITE, [sums]: nocloud });
    const expected = other.replaceAll(OLD, NEW).replace(sum('d', 'sha512'), sum('c', 'sha512'));
    expect(after.text).toBe(`images:\n${entry('vm-a')}${expected}`);
    expect(after.kept).toMatchObject([{ code: 'CHECKSUM_UNREADABLE', images: ['vm-a'] }]);
  });

  test('its newest build is pinned by another disk from another address', async () => {
    const mirror = build(NEW).replace('cloud.debian.org', 'mirror.test');
    const pinned = entry('vm-b', mirror, NEW_SUM);
    const site = { [mirror.slice(0, mirror.indexOf(NEW))]: page(`${NEW}/`) };
    const rest = { [`${mirror.slice(0, mirror.lastIndexOf('/'))}/SHA512SUMS`]: SITE[sums] ?? '' };
    const after = await refreshDisks(entry('vm-a') + pinned, [], { ...SITE, ...site, ...rest });
    expect(after.text).toBe(`images:\n${entry('vm-a')}${pinned}`);
    expect(after.kept).toMatchObject([{ code: 'CHECKSUM_OF_OTHER_URL', images: ['vm-a'] }]);
  });
});

test('disks of distributions that are not followed are named, and are no failure', async () => {
  const other = entry('vm-oracle').replace('debian\n', 'oracle\n');
  const { text, kept, notFollowed } = await refreshDisks(other);
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

test('every other byte stays, in whatever style, and a second refresh changes nothing', async () => {
  const write = (url: string, checksum: string) =>
    STYLES.map((style, at) => `  # ${OLD}\n${entry(`vm-i${at}`, style(url), style(checksum))}`);
  const after = await refreshDisks(write(build(OLD), OLD_SUM).join(''));
  const expected = write(build(NEW), NEW_SUM).join('');
  expect(after.text).toBe(`images:\n${expected}`);
  const again = await refreshDisks(expected);
  expect(again).toMatchObject({ text: after.text, edits: [], kept: [], tags: [] });
});
