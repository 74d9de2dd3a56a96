import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../src/problem.ts';
import { offersPlatform } from '../../src/refresh/refresh-bases.ts';
import { refreshCatalog } from '../../src/refresh/refresh-catalog.ts';
import { APT, CATALOG, CHECKOUT, DISK } from '../catalog/checkout.ts';
import { memoryTree } from '../support/memory-tree.ts';
import {
  digest,
  entry,
  NEW,
  OLD,
  refreshed,
  tagsOf,
  TODAY,
  TREE,
  upstreamOf,
} from './some-catalog.ts';

const DEBIAN = 'docker.io/library/debian:12';
const UBUNTU = 'quay.io/some/ubuntu:24.04';

const CATALOG_TEXT = `images:\n${entry('a', `${DEBIAN}@${OLD}`)}${entry('b', `${UBUNTU}@${OLD}`)}`;

describe('a base that has moved', () => {
  test('is pinned to what its tag names now, and nothing else changes', async () => {
    const { text, changes } = await refreshed(CATALOG_TEXT, { [DEBIAN]: NEW, [UBUNTU]: OLD });
    expect(text).toBe(CATALOG_TEXT.replace(OLD, NEW));
    expect(changes).toMatchObject([
      { kind: 'base', from: OLD, to: NEW, why: `${DEBIAN} has moved`, images: ['a'] },
    ]);
  });

  test('changes the tags of the images that are built on it, and no other', async () => {
    const { text, tags } = await refreshed(CATALOG_TEXT, { [DEBIAN]: NEW, [UBUNTU]: OLD });
    const before = tagsOf(CATALOG_TEXT);
    expect(tags).toEqual([{ image: 'a', from: before['a'], to: tagsOf(text)['a'] }]);
    expect(tagsOf(text)['b']).toBe(before['b']);
  });

  test('is looked up once, however many images have it', async () => {
    const entries = ['a', 'b', 'c'].map((name) => entry(name, `${DEBIAN}@${OLD}`));
    const { asked, ...others } = upstreamOf({ [DEBIAN]: NEW });
    const text = `images:\n${entries.join('')}`;
    const request = { file: CATALOG, text, tree: TREE, only: [], dates: { today: TODAY } };
    const { text: after } = await refreshCatalog(request, others);
    expect(asked.map(({ name, pins }) => [name, pins])).toEqual([[DEBIAN, [OLD, OLD, OLD]]]);
    expect(after).toBe(text.replaceAll(OLD, NEW));
  });

  test('is changed where its anchor is, for all who share it', async () => {
    const text = `images:\n${entry('a', `&b ${DEBIAN}@${OLD}`)}${entry('b', '*b')}`;
    const { text: after, changes, tags } = await refreshed(text, { [DEBIAN]: NEW });
    expect(after).toBe(text.replace(OLD, NEW));
    expect(changes).toMatchObject([{ images: ['a', 'b'], written: { path: 'images[0].base' } }]);
    expect(tags.map(({ image }) => image)).toEqual(['a', 'b']);
  });
});

describe('a base without a digest', () => {
  test.each([DEBIAN, `'${DEBIAN}'`, `"${DEBIAN}"`])(
    'gets one inside its quotes: %s',
    async (base) => {
      const text = `images:\n${entry('a', base)}`;
      const { text: after, changes, tags } = await refreshed(text, { [DEBIAN]: NEW });
      expect(after).toBe(text.replace(DEBIAN, `${DEBIAN}@${NEW}`));
      expect(changes).toMatchObject([{ to: NEW, why: `${DEBIAN} was not pinned` }]);
      expect(changes[0]?.from).toBeUndefined();
      expect(tags).toEqual([{ image: 'a', to: tagsOf(after)['a'] }]);
    },
  );

  test('is the only mistake that a catalog may have', async () => {
    const text = `images:\n${entry('a', DEBIAN, ', platform: arm64')}`;
    const failure: unknown = await refreshed(text, { [DEBIAN]: NEW }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(InvalidInputError);
    expect((failure as InvalidInputError).problems.map(({ code }) => code)).toEqual([
      'UNKNOWN_PLATFORM',
    ]);
  });

  test('gets one wherever there are more of them than mistakes are looked for', async () => {
    const names = Array.from({ length: 1100 }, (_, at) => `i${at}`);
    const text = `images:\n${names.map((name) => entry(name, DEBIAN)).join('')}`;
    const { text: after } = await refreshed(text, { [DEBIAN]: NEW });
    expect(after).toBe(text.replaceAll(DEBIAN, `${DEBIAN}@${NEW}`));
  }, 60_000);

  test('nor a tag is kept, since nothing says what to follow', async () => {
    const text = `images:\n${entry('a', 'docker.io/library/debian')}`;
    const { text: after, kept } = await refreshed(text, {});
    expect(after).toBe(text);
    expect(kept).toMatchObject([{ code: 'BASE_WITHOUT_TAG', images: ['a'] }]);
  });
});

test('a base that is pinned and has no tag follows nothing, and nobody is asked', async () => {
  const text = `images:\n${entry('a', `docker.io/library/debian@${OLD}`)}`;
  const { asked, ...others } = upstreamOf({});
  const request = { file: CATALOG, text, tree: TREE, only: [], dates: { today: TODAY } };
  await expect(refreshCatalog(request, others)).resolves.toMatchObject({ changes: [], kept: [] });
  expect(asked).toEqual([]);
});

describe('a base is kept, and the others are refreshed, where', () => {
  test('the registry does not answer', async () => {
    const { text, kept } = await refreshed(CATALOG_TEXT, { [UBUNTU]: NEW });
    expect(text).toBe(CATALOG_TEXT.replace(`${UBUNTU}@${OLD}`, `${UBUNTU}@${NEW}`));
    expect(kept).toMatchObject([{ kind: 'base', images: ['a'], code: 'BASE_MISSING' }]);
  });

  test('the new one is not there for the platform of each image that has it', async () => {
    const platforms = ['linux/amd64', 'linux/s390x'];
    const text = `images:\n${entry('a', `&b ${DEBIAN}@${OLD}`)}${entry('b', '*b', ', platform: linux/arm64')}${entry('c', `${DEBIAN}@${OLD}`)}`;
    const { text: after, kept } = await refreshed(text, { [DEBIAN]: { digest: NEW, platforms } });
    expect(after).toBe(text.replace(new RegExp(`${OLD}(?=[^@]*$)`), NEW));
    expect(kept).toMatchObject([{ images: ['a', 'b'], code: 'PLATFORM_MISSING' }]);
    expect(kept[0]?.problem).toContain('linux/arm64');
    expect(kept[0]?.problem).toContain('linux/amd64, linux/s390x');
  });
});

describe('--only', () => {
  const upstream = { [DEBIAN]: NEW, [UBUNTU]: digest('c') };

  test('asks for, and changes, the bases of the images that it names', async () => {
    const { asked, ...others } = upstreamOf(upstream);
    const request = { file: CATALOG, text: CATALOG_TEXT, tree: TREE, dates: { today: TODAY } };
    const { text } = await refreshCatalog({ ...request, only: ['b'] }, others);
    expect(asked.map(({ name }) => name)).toEqual([UBUNTU]);
    expect(text).toBe(CATALOG_TEXT.replace(`${UBUNTU}@${OLD}`, `${UBUNTU}@${digest('c')}`));
  });

  test('leaves alone what another image has as well, and says so', async () => {
    const text = `images:\n${entry('a', `&b ${DEBIAN}@${OLD}`)}${entry('b', '*b')}`;
    const { text: after, kept } = await refreshed(text, upstream, { only: ['a'] });
    expect(after).toBe(text);
    expect(kept).toMatchObject([{ code: 'SHARED_WITH_OTHERS' }]);
    expect(kept[0]?.problem).toContain('b as well');
    const both = await refreshed(text, upstream, { only: ['b', 'a'] });
    expect(both.text).toBe(text.replace(OLD, NEW));
  });

  test('refuses a name that no image has, and suggests one', async () => {
    const failure: unknown = await refreshed(
      'images:\n' + entry('debian-12', `${DEBIAN}@${OLD}`),
      upstream,
      {
        only: ['debian-21'],
      },
    ).catch((error: unknown) => error);
    expect((failure as InvalidInputError).problems).toMatchObject([{ code: 'UNKNOWN_IMAGE' }]);
    expect(String(failure)).toContain('did you mean debian-12?');
  });
});

test('a VM disk whose newest build can not be found keeps no base from being refreshed', async () => {
  const disk = `  - { kind: vm-disk, distribution: debian, version: "12", context: contexts/disk, url: https://a.test/12.qcow2, checksum: sha256:${'c'.repeat(64)} }\n`;
  const text = `images:\n${disk}${entry('one', `${DEBIAN}@${OLD}`)}`;
  const tree = memoryTree({
    [APT]: CHECKOUT[APT] ?? '',
    'contexts/disk/Dockerfile': CHECKOUT[DISK] ?? '',
  });
  const request = { file: CATALOG, text, tree, only: [], dates: { today: TODAY } };
  const after = await refreshCatalog(request, upstreamOf({ [DEBIAN]: NEW }));
  expect(after.text).toBe(text.replace(OLD, NEW));
  expect(after.tags.map(({ image }) => image)).toEqual(['one']);
  expect(after.kept).toMatchObject([{ kind: 'url', code: 'SOURCE_UNKNOWN' }]);
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
