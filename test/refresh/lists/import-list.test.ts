import { describe, expect, test } from 'vitest';
import { BRANCHES, LEAP_16, listText, sum, type Listed } from './some-list.ts';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import { InvalidInputError } from '../../../src/problem.ts';
import { differencesFrom, importList } from '../../../src/refresh/lists/import-list.ts';
import { parseKubesprayList } from '../../../src/refresh/lists/kubespray-list.ts';
import { CATALOG } from '../../catalog/checkout.ts';
import { memoryTree, OWN_CONFIG } from '../../support/memory-tree.ts';
import { anyFile, serve, type Site } from '../publishers/some-site.ts';

const TREE = memoryTree(OWN_CONFIG);
const OWN = String(OWN_CONFIG[CATALOG]);
const EXCEPT = ['debian-10', 'ubuntu-2004'];

interface Options {
  readonly except?: readonly string[];
  readonly keepNewer?: boolean;
  readonly site?: Site;
}

async function imported(
  text: string,
  list: string | readonly Listed[],
  { except = EXCEPT, keepNewer = false, site = {} }: Options = {},
) {
  const parsed = parseKubesprayList(
    typeof list === 'string' ? list : listText(list),
    'main.yml',
    except,
  );
  const catalog = { file: CATALOG, text, tree: TREE };
  const options = { isChosen: () => true, keepNewer };
  return importList(catalog, parsed, options, { fetchText: serve(site), isThere: anyFile });
}

/** `CODE file:line` of each problem. */
async function problemsOf(...args: Parameters<typeof imported>): Promise<readonly string[]> {
  try {
    await imported(...args);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.map(({ code, file, line }) => `${code} ${file}:${line}`);
  }
}

const debian = (build: string): string =>
  `https://a.test/bookworm/${build}/debian-12-generic-amd64-${build}.qcow2`;
const DEBIAN: Listed = { key: 'debian-12', url: debian('20240101-1'), checksum: sum('a') };
const NEWER: Listed = { ...DEBIAN, url: debian('20250101-1'), checksum: sum('b') };

/** A catalog with a disk, and what else is in its entry. */
const catalog = (more = '', { url, checksum }: Listed = DEBIAN) => `# head
defaults:
  enlargeBy: 8G
images:
  # by hand
  - kind: vm-disk
    distribution: debian # stays
    version: '12'
${more}    url: ${url} # why
    checksum: "${checksum}"
`;

describe('the list of a branch', () => {
  test.each(Object.entries(BRANCHES))(
    'of %s twice: the second time changes nothing',
    async (_, disks) => {
      const first = await imported(OWN, disks);
      const { problems } = parseCatalog({ file: CATALOG, text: first.text, tree: TREE });
      expect(problems).toEqual([]);
      const second = await imported(first.text, disks);
      expect(second.text).toBe(first.text);
      expect(second).toMatchObject({ edits: [], added: [] });
      // From one branch's list to another's and back, nothing is left of it but the marks' order.
      const other = await imported(first.text, BRANCHES.master);
      expect((await imported(other.text, BRANCHES.master)).edits).toEqual([]);
    },
  );

  test('of the default branch adds to the own catalog what is not known there', async () => {
    const { text, added, edits } = await imported(OWN, BRANCHES.master);
    expect(added.map(({ key }) => key)).toEqual(['opensuse-leap-16-0']);
    expect(edits.map(({ kind, images }) => [kind, ...images])).toEqual([
      ['importedFrom', 'vm-fedora-42'],
      ['disk', 'vm-opensuse-leap-16-0'],
    ]);
    expect(
      text.endsWith(`
  - kind: vm-disk
    distribution: opensuse-leap
    version: "16.0"
    name: vm-opensuse-leap-16-0
    importedFrom: kubespray
    url: ${LEAP_16.url}
    checksum: ${LEAP_16.checksum}
`),
    ).toBe(true);
    expect(
      text.startsWith(
        OWN.replace(/(version: "42"\n {8}importedFrom: kubespray)(?=\n {8}url)/, '$1 (gone)'),
      ),
    ).toBe(true);
  });

  test('makes an empty set of disks all of its own', async () => {
    const start = catalog().replace('debian # stays', 'other').replaceAll('debian-12', 'other-12');
    const { text } = await imported(start, BRANCHES.master, { except: [...EXCEPT, 'ubuntu-2204'] });
    expect(text.startsWith(start)).toBe(true);
    const { entries } = parseCatalog({ file: CATALOG, text, tree: TREE });
    const names = entries.map(({ image }) => image?.name);
    const keys = BRANCHES.master
      .map(({ key }) => key)
      .filter((key) => !EXCEPT.includes(key) && key !== 'ubuntu-2204');
    expect(names).toEqual(['vm-other-12', ...keys.map((key) => `vm-${key}`)]);
  });
});

describe('an entry that the list has', () => {
  test('changes in url and checksum, and in nothing else', async () => {
    const more = '    enlargeBy: 16G\n    # a comment\n    name: vm-debian-12\n';
    const { text, edits } = await imported(catalog(more), [NEWER]);
    expect(text).toBe(catalog(more, NEWER));
    expect(edits.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['url', DEBIAN.url, NEWER.url],
      ['checksum', DEBIAN.checksum, NEWER.checksum],
    ]);
  });

  test('changes in the checksum alone, and in the url alone where a file has moved', async () => {
    const corrected = { ...DEBIAN, checksum: sum('c') };
    expect((await imported(catalog(), [corrected])).text).toBe(catalog('', corrected));
    const moved = { ...DEBIAN, url: DEBIAN.url.replace('a.test', 'archive.test') };
    expect((await imported(catalog(), [moved])).text).toBe(catalog('', moved));
  });

  test('from sha512 to sha256 and back', async () => {
    const long = { ...DEBIAN, checksum: `sha512:${'d'.repeat(128)}` };
    const { text } = await imported(catalog(), [long]);
    expect(text).toBe(catalog('', long));
    expect((await imported(text, [DEBIAN])).text).toBe(catalog());
  });

  test('changes for linux/amd64, and stays for other platforms', async () => {
    const entry = ({ url, checksum }: Listed) => `images:
  - kind: vm-disk
    distribution: debian
    version: "12"
    disks:
      linux/amd64: { url: ${url}, checksum: ${checksum} }
      linux/arm64: { url: ${DEBIAN.url.replace('amd64', 'arm64')}, checksum: ${sum('e')} }
`;
    expect((await imported(entry(DEBIAN), [NEWER])).text).toBe(entry(NEWER));
  });

  test('gets the version of the new address, where it has a name of its own', async () => {
    const coreos = (version: string): Listed => ({
      key: 'fedora-coreos',
      url: `https://a.test/${version}/fedora-coreos-${version}-openstack.x86_64.qcow2`,
      checksum: sum(version.slice(0, 1)),
    });
    const entry = (version: string) =>
      catalog('    name: vm-fedora-coreos\n', coreos(version))
        .replace('debian #', 'fedora-coreos #')
        .replace("'12'", `'${version}'`);
    const { text } = await imported(entry('32.1.3.0'), [coreos('42.2.3.0')]);
    expect(text).toBe(entry('42.2.3.0'));
  });

  test('keeps any build where the address of the list moves', async () => {
    const list = [{ ...DEBIAN, url: 'https://a.test/bookworm/latest/debian-12.qcow2' }];
    expect(await imported(catalog(), list)).toMatchObject({
      text: catalog(),
      moving: ['vm-debian-12'],
    });
  });

  test('keeps a newer build in a refresh, and takes the older one by itself', async () => {
    const start = catalog('', NEWER);
    const kept = await imported(start, [DEBIAN], { keepNewer: true });
    expect(kept).toMatchObject({ text: start, older: ['vm-debian-12'] });
    expect((await imported(start, [DEBIAN])).text).toBe(catalog());
  });

  test('is left alone where it is a container', async () => {
    const text = `images:\n  - { name: vm-debian-12, distribution: debian, version: "12", context: config/contexts/apt, base: docker.io/library/debian:12@${sum('a')} }\n`;
    expect(await imported(text, [DEBIAN])).toMatchObject({
      text,
      declaredOtherwise: ['vm-debian-12'],
    });
  });
});

describe('an entry that the list does not have', () => {
  const LISTED = '    importedFrom: kubespray\n';
  const MARKED = '    importedFrom: kubespray (gone)\n';
  const other = { key: 'other-1', url: 'https://a.test/other-1.qcow2', checksum: sum('f') };

  test('is marked where it was imported, and no longer once it is back', async () => {
    const { text } = await imported(catalog(LISTED), [other]);
    expect(text.startsWith(catalog(MARKED))).toBe(true);
    expect((await imported(text, [other])).text).toBe(text);
    const back = await imported(text, [other, DEBIAN]);
    expect(back.text).toBe(text.replace(MARKED, LISTED));
  });

  test('stays as it is where a person added it', async () => {
    const found = await imported(catalog(), [other]);
    expect(found.text.startsWith(catalog())).toBe(true);
    expect(found.onlyInCatalog).toEqual(['vm-debian-12']);
  });

  test('stays as it is where its key is left out', async () => {
    const found = await imported(catalog(LISTED), [other, DEBIAN], { except: ['debian-12'] });
    expect(found.text.startsWith(catalog(LISTED))).toBe(true);
  });
});

describe('a new disk', () => {
  const other = { key: 'other-1', url: 'https://a.test/other-1.qcow2', checksum: sum('f') };
  const lines = (growth = '') => `
  - kind: vm-disk
    distribution: other
${growth}    version: "1"
    importedFrom: kubespray
    url: ${other.url}
    checksum: ${other.checksum}
`;
  const added = async (text: string) => (await imported(text, [DEBIAN, other])).text;

  test('grows as in Kubespray where the catalog has no default', async () => {
    const text = catalog().replace('  enlargeBy: 8G', '  platform: linux/amd64');
    expect(await added(text)).toBe(text + lines('    enlargeBy: 8G\n'));
  });

  test.each([
    ['a comment at the end', (text: string) => [`${text.trimEnd()} # end\n`, '']],
    ['comments behind it', (text: string) => [text, '# tail\n']],
    [
      'another key behind the images',
      (text: string) => [text, 'imports:\n  - { list: kubespray, repository: . }\n'],
    ],
    [
      'an entry in brackets',
      (text: string) => [
        `${text}  - {\n      name: vm-x, kind: vm-disk, distribution: x, version: "1",\n      url: https://a.test/x-1.qcow2,\n      checksum: ${sum('9')}\n    }\n`,
        '',
      ],
    ],
    [
      'an alias at the end',
      (text: string) => [
        `${text.replace('version: ', 'version: &v ')}  - kind: vm-disk\n    name: vm-x\n    distribution: debian\n    url: https://b.test/debian-12.qcow2\n    checksum: ${sum('9')}\n    version: *v\n`,
        '',
      ],
    ],
  ])('is added behind the last entry, with %s', async (_, parts) => {
    const [before = '', after = ''] = parts(catalog());
    expect(await added(before + after)).toBe(before + lines() + after);
  });

  test('is added to a text without a last line break, and to one with CRLF', async () => {
    expect(await added(catalog().trimEnd())).toBe(catalog() + lines());
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    expect(await added(crlf(catalog()))).toBe(crlf(catalog() + lines()));
  });

  test('has the packing and the format that its file has', async () => {
    const raw = { ...other, url: 'https://a.test/other-1.raw.xz' };
    const { text } = await imported(catalog(), [DEBIAN, raw]);
    expect(text).toContain('    packing: xz\n    format: raw\n    version: "1"\n');
  });

  test('has the newest build and its checksum where the address of the list moves', async () => {
    const site: Site = {
      'https://a.test/bookworm/': '<a href="20240101-1/">a</a> <a href="20250101-1/">b</a>',
      'https://a.test/bookworm/20250101-1/SHA512SUMS': `${'d'.repeat(128)}  debian-12-generic-amd64-20250101-1.qcow2`,
    };
    const moving = {
      ...DEBIAN,
      url: 'https://a.test/bookworm/latest/debian-12-generic-amd64.qcow2',
    };
    const start = catalog('', other).replace('debian #', 'other #').replace("'12'", "'1'");
    const { text } = await imported(start, [other, moving], { site });
    expect(text).toContain(
      `url: ${debian('20250101-1')}\n    checksum: sha512:${'d'.repeat(128)}\n`,
    );
    expect((await imported(text, [other, moving])).edits).toEqual([]);
    expect(await problemsOf(start, [other, moving])).toEqual(['MOVING_URL main.yml:18']);
  });
});

describe('nothing is imported, and each problem has its place:', () => {
  const at = (line: number) => `main.yml:${line}`;
  test.each<[what: string, text: string, list: readonly Listed[], ...problems: string[]]>([
    [
      'the checksum of the build before',
      catalog(),
      [{ ...NEWER, checksum: DEBIAN.checksum }],
      `CHECKSUM_STAYED ${at(12)}`,
    ],
    [
      'another version',
      catalog(),
      [
        {
          ...NEWER,
          url: NEWER.url.replaceAll('debian-12', 'debian-13').replace('bookworm', 'trixie'),
        },
      ],
      `URL_OTHER_VERSION ${at(11)}`,
    ],
    [
      'a new disk of another version',
      catalog(),
      [DEBIAN, { ...NEWER, key: 'debian-13' }],
      `URL_OTHER_VERSION ${at(18)}`,
    ],
    [
      'a file that is packed now',
      catalog(),
      [{ ...NEWER, url: `${NEWER.url}.xz` }],
      `URL_OTHER_PACKING ${at(11)}`,
    ],
    [
      'the checksum of another disk',
      catalog(),
      [DEBIAN, { ...DEBIAN, key: 'debian-13', url: 'https://a.test/debian-13.qcow2' }],
      `CHECKSUM_OF_OTHER_URL ${at(19)}`,
    ],
    [
      'a disk for a catalog in brackets',
      JSON.stringify({
        images: [
          {
            kind: 'vm-disk',
            distribution: 'debian',
            version: '12',
            url: DEBIAN.url,
            checksum: DEBIAN.checksum,
          },
        ],
      }),
      [DEBIAN, { key: 'other-1', url: 'https://a.test/other-1.qcow2', checksum: sum('f') }],
      `CATALOG_IN_BRACKETS ${CATALOG}:1`,
    ],
    ['a catalog with a problem', catalog('    kinds: 1\n'), [DEBIAN], `UNKNOWN_KEY ${CATALOG}:9`],
    [
      'all of them at once',
      catalog(),
      [
        { ...NEWER, checksum: DEBIAN.checksum },
        { ...NEWER, key: 'debian-13' },
        { ...DEBIAN, key: 'a-1', checksum: 'md5:1' },
      ],
      `INVALID_CHECKSUM ${at(26)}`,
      `URL_OF_OTHER_CHECKSUM ${at(19)}`,
      `CHECKSUM_STAYED ${at(12)}`,
      `URL_OTHER_VERSION ${at(18)}`,
    ],
  ])('%s', async (_, text, list, ...problems) => {
    expect(await problemsOf(text, list)).toEqual(problems);
  });

  test('a value that another image shares, unless it changes for both', async () => {
    const second =
      '  - kind: vm-disk\n    name: vm-other\n    distribution: debian\n    version: "12"\n    url: *u\n    checksum: *c\n';
    const start =
      catalog('').replace('url: ', 'url: &u ').replace('checksum: ', 'checksum: &c ') + second;
    expect(await problemsOf(start, [NEWER])).toEqual([
      `SHARED_WITH_OTHERS ${CATALOG}:9`,
      `SHARED_WITH_OTHERS ${CATALOG}:10`,
    ]);
  });
});

test('differences are named without a request, and a disk whose address moves is new', () => {
  const parsed = parseKubesprayList(listText(BRANCHES['release-2.30']), 'main.yml');
  const request = { file: CATALOG, text: OWN, tree: TREE };
  const { added, edits } = differencesFrom(request, parsed, {
    isChosen: () => true,
    keepNewer: false,
  });
  expect(added.map(({ key }) => key)).toEqual(['debian-10', 'ubuntu-2004']);
  expect(edits.map(({ images: [name], to }) => `${name} ${to}`)).toEqual(
    ['debian-13', 'fedora-43', 'fedora-44', 'ubuntu-2604'].map(
      (key) => `vm-${key} kubespray (gone)`,
    ),
  );
});
