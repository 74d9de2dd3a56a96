import { describe, expect, test } from 'vitest';
import { parseCatalog, loadCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree } from '../support/memory-tree.ts';
import {
  APT,
  briefly,
  CATALOG,
  catalogOf,
  CHECKOUT,
  DIGEST,
  edited,
  imagesOf,
  problemsOf,
} from './checkout.ts';
import { MAX_DOCUMENT_BYTES } from '../../src/yaml/read-text.ts';
import type { FileTree } from '../../src/file-tree.ts';

const BASE = `docker.io/library/debian:12@${DIGEST}`;

describe('images', () => {
  test('an entry takes what it does not say from the defaults, and the rest from what is built in', () => {
    expect(imagesOf(CHECKOUT)[0]).toEqual({
      kind: 'container',
      name: 'debian-12',
      distribution: 'debian',
      version: '12',
      base: {
        registry: 'docker.io',
        repository: 'library/debian',
        tag: '12-slim',
        digest: DIGEST,
      },
      context: 'contexts/apt',
      dockerfile: 'contexts/apt/Dockerfile',
      args: { MIRROR: 'mirror.example' },
      platform: 'linux/arm64',
      snapshot: '2026-11-01',
    });
  });

  test('a list of versions becomes an image each, which differ in version, base and name only', () => {
    const [, jammy, devel] = imagesOf(CHECKOUT);
    expect(jammy).toMatchObject({
      name: 'ubuntu-22.04',
      context: 'contexts/stages',
      dockerfile: 'contexts/stages/ci.Dockerfile',
      args: { MIRROR: 'mirror.example', JOBS: '4' },
      platform: 'linux/amd64',
      target: 'node',
    });
    const base: unknown = expect.objectContaining({ repository: 'library/ubuntu', tag: '24.10' });
    expect(devel).toEqual({ ...jammy, name: 'ubuntu-devel', version: '24.10', base });
  });

  test('an argument of an image wins over the default one', () => {
    const [debian, ubuntu] = imagesOf(edited(CATALOG, 'JOBS: "4"', 'MIRROR: mine'));
    expect(debian?.args).toEqual({ MIRROR: 'mirror.example' });
    expect(ubuntu?.args).toEqual({ MIRROR: 'mine' });
  });

  test.each(['contexts/apt', './contexts/apt', 'contexts//apt/', 'contexts/./apt'])(
    'context %s is one and the same directory',
    (written) => {
      const [image] = imagesOf(edited(CATALOG, 'context: contexts/apt', `context: ${written}`));
      expect(image?.context).toBe('contexts/apt');
      expect(image?.dockerfile).toBe('contexts/apt/Dockerfile');
    },
  );

  test('a Dockerfile may stand beside its context', () => {
    const [image] = imagesOf({
      ...edited(CATALOG, 'platform:', 'dockerfile: ../Debian.Dockerfile\n    platform:'),
      'contexts/Debian.Dockerfile': CHECKOUT[APT] ?? '',
    });
    expect(image?.dockerfile).toBe('contexts/Debian.Dockerfile');
  });

  test('a shared block may be written once and used again, as an alias', () => {
    const text = String(CHECKOUT[CATALOG])
      .replace('{ MIRROR: mirror.example }', '&shared { MIRROR: mirror.example }')
      .replace('{ JOBS: "4" }', '*shared');
    expect(imagesOf(catalogOf(text))[1]?.args).toEqual({ MIRROR: 'mirror.example' });
  });
});

test('every problem is reported at once, also those that stand behind another in one entry', () => {
  const text = `
defaults: { platform: amd64, context: contexts/apt }
images:
  - distribution: debian
    version: 12.10
    base: docker.io/library/debian:12
    contxt: contexts/apt
    context: contexts/none
  - distribution: ubuntu
    versions:
      - { version: "22.04", base: ${BASE} }
      - { version: 24.10, base: ${BASE}, name: Devel }
      - nonsense
  - { distribution: ubuntu, version: "22.04", base: ${BASE}, target: node }
  - true
`;
  const files = { ...catalogOf(text), [APT]: String(CHECKOUT[APT]).replace('${BASE}', 'debian') };
  const told = [...problemsOf(files)].map(briefly).sort();
  expect(told).toEqual([
    'CONTEXT_MISSING images[0].context config/images.yml:8:14',
    'DOCKERFILE_FROM contexts/apt/Dockerfile:2:6',
    'DUPLICATE_NAME images[2].version config/images.yml:14:38',
    'INVALID_NAME images[1].versions[1].name config/images.yml:12:140',
    'UNKNOWN_KEY images[0].contxt config/images.yml:7:5',
    'UNKNOWN_PLATFORM defaults.platform config/images.yml:2:23',
    'UNKNOWN_TARGET images[2].target config/images.yml:14:162',
    'UNPINNED_BASE images[0].base config/images.yml:6:11',
    'UNQUOTED_VERSION images[0].version config/images.yml:5:14',
    'UNQUOTED_VERSION images[1].versions[1].version config/images.yml:12:20',
    'WRONG_TYPE images[1].versions[2] config/images.yml:13:9',
    'WRONG_TYPE images[3] config/images.yml:15:5',
  ]);
});

describe('a value that is refused is not also told as', () => {
  const entry = (keys: string) =>
    problemsOf(catalogOf(`images: [{ distribution: debian, base: ${BASE}, ${keys} }]`)).map(
      ({ code }) => code,
    );

  test('missing', () => {
    expect(entry('version: "12", context: [contexts/apt]')).toEqual(['WRONG_TYPE']);
  });

  test('what the defaults would have put in its place', () => {
    const elsewhere = String(CHECKOUT[CATALOG])
      .replace('platform: linux/arm64', 'context: []')
      .replace('contexts/apt', 'contexts/none');
    expect(problemsOf(catalogOf(elsewhere)).map(({ code }) => code)).toEqual(['WRONG_TYPE']);
  });

  test('a duplicate of the name that would have been made up', () => {
    const twice = ['name: [x]', 'snapshot: 2026-11-01'].map(
      (key) => `{ distribution: a, version: "1", base: ${BASE}, context: contexts/apt, ${key} }`,
    );
    const told = problemsOf(catalogOf(`images: [${twice.join()}]`)).map(({ code }) => code);
    expect(told).toEqual(['WRONG_TYPE']);
  });
});

test('a path with a NUL character never reaches the file system, which would throw', () => {
  const tree = memoryTree(CHECKOUT);
  const entry = (path: string) => {
    if (path.includes('\0')) throw new TypeError('a NUL in a path');
    return tree.entry(path);
  };
  const text = String(CHECKOUT[CATALOG]).replace('contexts/apt', '"contexts\\0apt"');
  const { problems } = parseCatalog({ file: CATALOG, text, tree: { ...tree, entry } });
  expect(problems.map(({ code }) => code)).toEqual(['CONTEXT_MISSING']);
});

test('a Dockerfile that many images share has its problems reported once', () => {
  const versions = Array.from({ length: 50 }, (_, at) => `{ version: "${at}", base: ${BASE} }`);
  const text = `images: [{ distribution: debian, context: contexts/apt, versions: [${versions.join()}] }]`;
  const files = { ...catalogOf(text), [APT]: String(CHECKOUT[APT]).replace('${BASE}', 'debian') };
  expect(problemsOf(files).map(briefly)).toEqual([`DOCKERFILE_FROM ${APT}:2:6`]);
});

test('remedies say what to write', () => {
  const remedyOf = (from: string, to: string) => problemsOf(edited(CATALOG, from, to))[0]?.remedy;
  expect(remedyOf('"24.10"', '24.10')).toContain('"24.10"');
  expect(remedyOf('platform:', 'platfrom:')).toContain('platform');
  expect(remedyOf('linux/arm64', 'arm64')).toContain('linux/arm64');
  expect(remedyOf('target: node', 'target: ndoe')).toContain('node');
  expect(remedyOf(`@${DIGEST}\n    platform`, '\n    platform')).toContain(
    'npm run images -- refresh',
  );
  expect(remedyOf('docker.io/library/debian:', 'debian:')).toContain('docker.io/library/debian:12');
});

test('a name that is taken says where', () => {
  const [problem] = problemsOf(edited(CATALOG, 'ubuntu-devel', 'debian-12'));
  expect(problem?.problem).toContain(`images[0].version (${CATALOG}:8:14)`);
});

function codesOf(tree: FileTree): readonly string[] {
  return loadCatalog(tree, CATALOG).problems.map(({ code }) => code);
}

function padded(bytes: number): FileTree {
  const text = CHECKOUT[CATALOG] ?? '';
  return memoryTree({ ...CHECKOUT, [CATALOG]: `${text}#${'x'.repeat(bytes - text.length - 1)}` });
}

test('a file of 50 MB is refused unread', () => {
  const tree: FileTree = {
    ...memoryTree(CHECKOUT),
    size: () => 50_000_000,
    read: () => {
      throw new Error('the file was read');
    },
  };
  expect(codesOf(tree)).toEqual(['FILE_TOO_LARGE']);
});

test('a file that grows while it is read is read no further than the limit', () => {
  let pieces = 0;
  const tree: FileTree = {
    ...memoryTree(CHECKOUT),
    read: function* () {
      for (; ; pieces++) yield new Uint8Array(64 * 1024).fill(0x20);
    },
  };
  expect(codesOf(tree)).toEqual(['FILE_TOO_LARGE']);
  expect(pieces).toBe(16); // 1 MiB / 64 KiB: the next piece is one too many
});

test('the limit is 1 MiB, to the byte', () => {
  expect(codesOf(padded(MAX_DOCUMENT_BYTES))).toEqual([]);
  expect(codesOf(padded(MAX_DOCUMENT_BYTES + 1))).toEqual(['FILE_TOO_LARGE']);
});

test('a character that is cut in two by a read stays whole', () => {
  // The tree reads in two halves; an odd number of bytes before two-byte letters cuts one of them.
  const texts = ['', ' '].map((pad) => `${CHECKOUT[CATALOG] ?? ''}#${pad}${'ä'.repeat(2000)}`);
  for (const text of texts) {
    expect(codesOf(memoryTree({ ...CHECKOUT, [CATALOG]: text }))).toEqual([]);
  }
});

test('a letter that was begun and never ended is no UTF-8', () => {
  const bytes = new Uint8Array([...new TextEncoder().encode(CHECKOUT[CATALOG]), 0x23, 0xc3]);
  expect(codesOf(memoryTree({ ...CHECKOUT, [CATALOG]: bytes }))).toEqual(['NOT_UTF8']);
});
