import { describe, expect, test } from 'vitest';
import type { Digest } from '../../src/image-reference.ts';
import { InvalidInputError } from '../../src/problem.ts';
import { offersPlatform } from '../../src/platforms.ts';
import { digest, entry, NEW, OLD, refreshed, tagsOf } from './some-catalog.ts';

const DEBIAN = 'docker.io/library/debian:12';
const UBUNTU = 'quay.io/some/ubuntu:24.04';

const TWO = `images:\n${entry('a', `${DEBIAN}@${OLD}`)}${entry('b', `${UBUNTU}@${OLD}`)}`;
const SHARED = `images:\n${entry('a', `&b ${DEBIAN}@${OLD}`)}${entry('b', '*b')}`;

async function problemsOf(refresh: Promise<unknown>) {
  const failure: unknown = await refresh.catch((error: unknown) => error);
  return failure instanceof InvalidInputError ? failure.problems : [];
}

describe('a base that has moved', () => {
  test('is pinned to the digest of its tag, which changes the tags of its images and nothing else', async () => {
    const { text, edits, tags } = await refreshed(TWO, { [DEBIAN]: NEW, [UBUNTU]: OLD });
    expect(text).toBe(TWO.replace(OLD, NEW));
    expect(edits).toMatchObject([
      { kind: 'base', from: OLD, to: NEW, why: `${DEBIAN} has moved`, images: ['a'] },
    ]);
    const [before, after] = [tagsOf(TWO), tagsOf(text)];
    expect(tags).toEqual([{ image: 'a', from: before['a'], to: after['a'] }]);
    expect(after['b']).toBe(before['b']);
  });

  test('is looked up once, however many images have it', async () => {
    const entries = ['a', 'b', 'c'].map((name) => entry(name, `${DEBIAN}@${OLD}`));
    const before = `images:\n${entries.join('')}`;
    const { text, wanted } = await refreshed(before, { [DEBIAN]: NEW });
    expect(wanted.map(({ name, pins }) => [name, pins])).toEqual([[DEBIAN, [OLD, OLD, OLD]]]);
    expect(text).toBe(before.replaceAll(OLD, NEW));
  });

  test('is changed at its anchor, for all images that share it', async () => {
    const { text, edits, tags } = await refreshed(SHARED, { [DEBIAN]: NEW });
    expect(text).toBe(SHARED.replace(OLD, NEW));
    expect(edits).toMatchObject([{ images: ['a', 'b'], written: { path: 'images[0].base' } }]);
    expect(tags.map(({ image }) => image)).toEqual(['a', 'b']);
  });
});

describe('what is copied', () => {
  const NODE = 'quay.io/kubespray/vm-ci:v13';
  const IMAGE = digest('e');
  const copy = (from: string, more = '') =>
    `  - { kind: copy, name: c, distribution: ci, version: v13, from: ${from}${more} }\n`;

  test('follows its tag as a base does', async () => {
    const before = `images:\n${copy(`${NODE}@${OLD}`)}${entry('a', `${DEBIAN}@${OLD}`)}`;
    const { text, edits, tags } = await refreshed(before, { [NODE]: NEW, [DEBIAN]: OLD });
    expect(text).toBe(before.replace(OLD, NEW));
    expect(edits).toMatchObject([
      { kind: 'from', from: OLD, to: NEW, why: `${NODE} has moved`, images: ['c'] },
    ]);
    expect(tags.map(({ image }) => image)).toEqual(['c']);
  });

  test.each<[what: string, now: Readonly<Record<string, Digest>>, moved: boolean]>([
    ['an index of ours or of a mirror', { 'linux/amd64': IMAGE }, false],
    ['an index of more', { 'linux/amd64': IMAGE, 'linux/arm64': NEW }, false],
    ['another image', { 'linux/amd64': NEW }, true],
    ['what has no such image', {}, true],
  ])('has moved only with its images: the tag names %s', async (_, now, moved) => {
    const before = `images:\n${copy(`${NODE}@${OLD}`)}`;
    const images = new Map([
      [OLD, { 'linux/amd64': IMAGE }],
      [NEW, now],
    ]);
    const found = { digest: NEW, platforms: ['linux/amd64'], images };
    const { text, wanted } = await refreshed(before, { [NODE]: found });
    expect(text).toBe(moved ? before.replace(OLD, NEW) : before);
    expect(wanted).toMatchObject([{ isCopied: true }]);
  });

  test('gets a digest where it has none', async () => {
    const { text, edits } = await refreshed(`images:\n${copy(NODE)}`, { [NODE]: NEW });
    expect(text).toBe(`images:\n${copy(`${NODE}@${NEW}`)}`);
    expect(edits).toMatchObject([{ kind: 'from', to: NEW, why: `${NODE} was not pinned` }]);
  });

  test('stays where the tag lacks a platform now, or has nothing to follow', async () => {
    const both = copy(`${NODE}@${OLD}`, ', platforms: [linux/amd64, linux/arm64]');
    const { text, kept } = await refreshed(`images:\n${both}`, { [NODE]: NEW });
    expect(text).toBe(`images:\n${both}`);
    expect(kept).toMatchObject([{ code: 'PLATFORM_MISSING', kind: 'from' }]);
    const pinned = `images:\n${copy(`quay.io/kubespray/vm-ci@${OLD}`)}`;
    expect(await refreshed(pinned, {})).toMatchObject({ text: pinned, edits: [], wanted: [] });
  });
});

describe('a base without a digest', () => {
  test.each([DEBIAN, `'${DEBIAN}'`, `"${DEBIAN}"`])(
    'gets one inside its quotes: %s',
    async (base) => {
      const before = `images:\n${entry('a', base)}`;
      const { text, edits, tags } = await refreshed(before, { [DEBIAN]: NEW });
      expect(text).toBe(before.replace(DEBIAN, `${DEBIAN}@${NEW}`));
      expect(edits).toMatchObject([{ to: NEW, why: `${DEBIAN} was not pinned` }]);
      expect(edits[0]?.from).toBeUndefined();
      expect(tags).toEqual([{ image: 'a', to: tagsOf(text)['a'] }]);
    },
  );

  test('is the only problem that a catalog may have', async () => {
    const text = `images:\n${entry('a', DEBIAN, ', platform: arm64')}`;
    const problems = await problemsOf(refreshed(text, { [DEBIAN]: NEW }));
    expect(problems).toMatchObject([{ code: 'UNKNOWN_PLATFORM' }]);
  });

  test('gets one in a catalog with more of them than problems are reported', async () => {
    const names = Array.from({ length: 1100 }, (_, at) => `i${at}`);
    const before = `images:\n${names.map((name) => entry(name, DEBIAN)).join('')}`;
    const { text } = await refreshed(before, { [DEBIAN]: NEW });
    expect(text).toBe(before.replaceAll(DEBIAN, `${DEBIAN}@${NEW}`));
  }, 60_000);
});

test.each([
  ['', [{ code: 'BASE_WITHOUT_TAG', images: ['a'] }]],
  [`@${OLD}`, []],
])('a base without a tag stays, and is not looked up: debian%s', async (pin, expected) => {
  const before = `images:\n${entry('a', `docker.io/library/debian${pin}`)}`;
  const { text, kept, edits, wanted } = await refreshed(before, {});
  expect(kept).toMatchObject(expected);
  expect({ text, edits, wanted }).toEqual({ text: before, edits: [], wanted: [] });
});

describe('a base is kept, and the others are refreshed, where', () => {
  test('the registry does not answer', async () => {
    const { text, kept } = await refreshed(TWO, { [UBUNTU]: NEW });
    expect(text).toBe(TWO.replace(`${UBUNTU}@${OLD}`, `${UBUNTU}@${NEW}`));
    expect(kept).toMatchObject([{ kind: 'base', images: ['a'], code: 'BASE_MISSING' }]);
  });

  test('the one that it has is not there for each platform of an image', async () => {
    const platforms = ', platforms: [linux/amd64, linux/arm64]';
    const text = `images:\n${entry('a', `${DEBIAN}@${OLD}`, platforms)}${entry('b', `${DEBIAN}@${OLD}`)}`;
    const found = { digest: OLD, platforms: ['linux/amd64'] };
    const { kept, wanted, text: after } = await refreshed(text, { [DEBIAN]: found });
    expect(wanted).toMatchObject([{ name: DEBIAN, isForSeveral: true }]);
    expect(kept).toMatchObject([{ code: 'PLATFORM_MISSING', images: ['a'] }]);
    expect(kept[0]?.problem).toContain('linux/arm64');
    expect(after).toBe(text);
  });

  test('the new one is not there for the platform of each image that has it', async () => {
    const platforms = ['linux/amd64', 'linux/s390x'];
    const before = `images:\n${entry('a', `&b ${DEBIAN}@${OLD}`)}${entry('b', '*b', ', platform: linux/arm64')}${entry('c', `${DEBIAN}@${OLD}`)}`;
    const { text, kept } = await refreshed(before, { [DEBIAN]: { digest: NEW, platforms } });
    expect(text).toBe(before.replace(new RegExp(`${OLD}(?=[^@]*$)`), NEW));
    expect(kept).toMatchObject([{ images: ['a', 'b'], code: 'PLATFORM_MISSING' }]);
    expect(kept[0]?.problem).toMatch(/linux\/arm64.*linux\/amd64, linux\/s390x/);
  });

  test('the newest build of a VM disk is not found', async () => {
    const disk = `  - { kind: vm-disk, distribution: debian, version: "12", url: https://a.test/12.qcow2, checksum: sha256:${'c'.repeat(64)} }\n`;
    const before = `images:\n${disk}${entry('one', `${DEBIAN}@${OLD}`)}`;
    const { text, tags, kept } = await refreshed(before, { [DEBIAN]: NEW });
    expect(text).toBe(before.replace(OLD, NEW));
    expect(tags.map(({ image }) => image)).toEqual(['one']);
    expect(kept).toMatchObject([{ kind: 'url', code: 'SOURCE_UNKNOWN' }]);
  });
});

describe('--only', () => {
  const bases = { [DEBIAN]: NEW, [UBUNTU]: digest('c') };

  test('looks up and changes the bases of the named images', async () => {
    const { text, wanted } = await refreshed(TWO, bases, { only: ['b'] });
    expect(wanted.map(({ name }) => name)).toEqual([UBUNTU]);
    expect(text).toBe(TWO.replace(`${UBUNTU}@${OLD}`, `${UBUNTU}@${digest('c')}`));
  });

  test('keeps a value that another image shares, and reports it', async () => {
    const { text, kept } = await refreshed(SHARED, bases, { only: ['a'] });
    expect(text).toBe(SHARED);
    expect(kept).toMatchObject([{ code: 'SHARED_WITH_OTHERS' }]);
    expect(kept[0]?.problem).toContain('b as well');
    const both = await refreshed(SHARED, bases, { only: ['b', 'a'] });
    expect(both.text).toBe(SHARED.replace(OLD, NEW));
  });

  test('rejects a name that no image has, and suggests one', async () => {
    const text = `images:\n${entry('debian-12', `${DEBIAN}@${OLD}`)}`;
    const [problem] = await problemsOf(refreshed(text, bases, { only: ['debian-21'] }));
    expect(problem).toMatchObject({ code: 'UNKNOWN_IMAGE' });
    expect(problem?.remedy).toContain('did you mean debian-12?');
  });
});

test.each([
  ['linux/amd64', ['linux/arm64', 'linux/amd64'], true],
  ['linux/amd64', ['linux/arm64'], false],
  ['linux/amd64', [], false],
  ['linux/amd64', ['windows/amd64'], false],
  ['linux/amd64', ['linux/amd64/v1'], true],
  ['linux/amd64', ['linux/amd64/v3'], false],
  ['linux/amd64/v3', ['linux/amd64'], true],
  ['linux/arm64', ['linux/arm64/v8'], true],
  ['linux/arm64', ['linux/arm/v7'], false],
  ['linux/arm/v7', ['linux/arm'], true],
  ['linux/arm/v7', ['linux/arm/v6'], true],
  ['linux/arm/v6', ['linux/arm/v7'], false],
  ['linux/386', ['linux/amd64'], false],
])('%s can be built from a base for %j: %s', (wanted, offered, expected) => {
  expect(offersPlatform(offered, wanted)).toBe(expected);
});
