import { describe, expect, test } from 'vitest';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree } from '../support/memory-tree.ts';
import {
  APT,
  briefly,
  builtImagesOf,
  CATALOG,
  catalogOf,
  CHECKOUT,
  DIGEST,
  edited,
  imagesOf,
  problemsOf,
} from './checkout.ts';

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
      platforms: ['linux/arm64'],
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
      platforms: ['linux/amd64'],
      target: 'node',
    });
    const base: unknown = expect.objectContaining({ repository: 'library/ubuntu', tag: '24.10' });
    expect(devel).toEqual({ ...jammy, name: 'ubuntu-devel', version: '24.10', base });
  });

  test('an argument of an image wins over the default one', () => {
    const [debian, ubuntu] = builtImagesOf(edited(CATALOG, 'JOBS: "4"', 'MIRROR: mine'));
    expect(debian?.args).toEqual({ MIRROR: 'mirror.example' });
    expect(ubuntu?.args).toEqual({ MIRROR: 'mine' });
  });

  test.each(['contexts/apt', './contexts/apt', 'contexts//apt/', 'contexts/./apt'])(
    'context %s is one and the same directory',
    (written) => {
      const [image] = builtImagesOf(
        edited(CATALOG, 'context: contexts/apt', `context: ${written}`),
      );
      expect(image?.context).toBe('contexts/apt');
      expect(image?.dockerfile).toBe('contexts/apt/Dockerfile');
    },
  );

  test('a Dockerfile may stand beside its context', () => {
    const [image] = builtImagesOf({
      ...edited(CATALOG, 'platform:', 'dockerfile: ../Debian.Dockerfile\n    platform:'),
      'contexts/Debian.Dockerfile': CHECKOUT[APT] ?? '',
    });
    expect(image?.dockerfile).toBe('contexts/Debian.Dockerfile');
  });

  test('a shared block may be written once and used again, as an alias', () => {
    const text = String(CHECKOUT[CATALOG])
      .replace('{ MIRROR: mirror.example }', '&shared { MIRROR: mirror.example }')
      .replace('{ JOBS: "4" }', '*shared');
    expect(builtImagesOf(catalogOf(text))[1]?.args).toEqual({ MIRROR: 'mirror.example' });
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
  expect(problemsOf(files).map(briefly).sort()).toEqual([
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

const entry = (keys: string) => `{ distribution: a, version: "1", base: ${BASE}, ${keys} }`;

test.each([
  ['missing', `images: [${entry('context: [contexts/apt]')}]`],
  [
    'replaced by the defaults',
    `defaults: { context: contexts/none }\nimages: [${entry('context: []')}]`,
  ],
  [
    'given the name of another image',
    `images: [${entry('context: contexts/apt, name: [x]')}, ${entry('context: contexts/apt')}]`,
  ],
])('an image with a value of the wrong type is not also reported as %s', (_, text) => {
  expect(problemsOf(catalogOf(text)).map(({ code }) => code)).toEqual(['WRONG_TYPE']);
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

test.each([
  ['"24.10"', '24.10', '"24.10"'],
  ['platform:', 'platfrom:', 'platform'],
  ['linux/arm64', 'arm64', 'linux/arm64'],
  ['target: node', 'target: ndoe', 'node'],
  [`@${DIGEST}\n    platform`, '\n    platform', 'npm run images -- refresh'],
  ['docker.io/library/debian:', 'debian:', 'docker.io/library/debian:12'],
])('with %j → %j the remedy says %s', (from, to, remedy) => {
  expect(problemsOf(edited(CATALOG, from, to))[0]?.remedy).toContain(remedy);
});

test('the problem of a name that is taken has the location of the other', () => {
  const [problem] = problemsOf(edited(CATALOG, 'ubuntu-devel', 'debian-12'));
  expect(problem?.problem).toContain(`images[0].version (${CATALOG}:8:14)`);
});
