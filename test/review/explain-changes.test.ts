import { expect, test } from 'vitest';
import { loadCatalog } from '../../src/catalog/parse-catalog.ts';
import { explainChange, type CatalogAt } from '../../src/review/explain-changes.ts';
import { formatReasons } from '../../src/review/format-reasons.ts';
import { changedInputs } from '../../src/tag/build-inputs.ts';
import { emptyHashCache } from '../../src/tag/hash-context.ts';
import { tagCatalog } from '../../src/tag/tag-catalog.ts';
import { APT, CATALOG, CHECKOUT, DISK, edited, type Files } from '../catalog/checkout.ts';
import { memoryTree } from '../support/memory-tree.ts';

function catalogAt(files: Files): CatalogAt {
  const tree = memoryTree(files);
  const cache = emptyHashCache();
  const { images, problems } = tagCatalog(loadCatalog(tree, CATALOG), tree, cache);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return { images: new Map(images.map((image) => [image.name, image])), tree, cache };
}

/** Why an image is built when the files of `before` are published and become those of `after`, as the note has it. */
function whyOf(before: Files, after: Files, name = 'debian-12', published = before): string {
  const [old, now] = [catalogAt(before), catalogAt(after)];
  const { inputs = {} } = catalogAt(published).images.get(name) ?? {};
  const { inputs: declared = {} } = now.images.get(name) ?? {};
  const why = changedInputs(inputs, declared).map((input) => ({ input }));
  const change = {
    name,
    action: 'build',
    platforms: [],
    why,
    published: inputs,
    declared,
  } as const;
  return formatReasons(explainChange(change, old, now).why);
}

/** Files of the context of debian-12, beside those of the checkout. */
const within = (files: Files): Files => ({
  ...CHECKOUT,
  ...Object.fromEntries(
    Object.entries(files).map(([path, file]) => [`contexts/apt/${path}`, file]),
  ),
});

const inCatalog = (from: string, to: string) => edited(CATALOG, from, to);

test.each<[what: string, Files, Files, why: string]>([
  [
    'files that changed, came and went',
    { 'scripts/install.sh': '1', old: '', same: '' },
    { 'scripts/install.sh': '2', new: '', same: '' },
    'context: `new` added, `old` removed, `scripts/install.sh`',
  ],
  [
    'more files than fit',
    {},
    Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`file${at + 10}`, ''])),
    'context: `file10` added, `file11` added, `file12` added, `file13` added, `file14` added, and 7 more',
  ],
  [
    'modes',
    { a: '1', b: { content: '1', executable: true }, c: '1' },
    { a: { content: '1', executable: true }, b: '1', c: { content: '2', executable: true } },
    'context: `a` is executable now, `b` is not executable any more, `c` changed, and is executable now',
  ],
  [
    'symlinks',
    { a: '1', b: { symlink: 'x' }, c: { symlink: 'x' } },
    { a: { symlink: 'x' }, b: '1', c: { symlink: '../y' } },
    'context: `a` is a symlink now, `b` is no symlink any more, `c` (`x` → `../y`)',
  ],
  [
    'an ignore file, and what it hides',
    { file: '1' },
    { file: '1', '.dockerignore': 'file\n' },
    'context: `.dockerignore` added, `file` removed',
  ],
  [
    'names that a host would take for markup',
    {},
    { '`@all`|<b>': '', 'a\nb\u202Ec': '', 'x\\|<b>|y': '', '~~x~~ ![y](z)': '' },
    'context: `\u2019@all\u2019\\|<b>` added, `a b\uFFFDc` added, `x\\\u2223<b>\\|y` added, `~~x~~ ![y](z)` added',
  ],
  [
    'a long path, of which both ends are shown',
    {},
    { [`${'a'.repeat(200)}/${'b'.repeat(200)}`]: '' },
    `context: \`${'a'.repeat(60)}…${'b'.repeat(60)}\` added`,
  ],
])('a context names %s', (_, before, after, why) => {
  expect(whyOf(within(before), within(after))).toBe(why);
});

test('a copy names the digests of its source, or the source that is another one now', () => {
  const moved = inCatalog(`v13@sha256:${'e'.repeat(64)}`, `v13@sha256:${'f'.repeat(64)}`);
  const [old, now] = ['e', 'f'].map((digit) => `\`sha256:${digit.repeat(12)}\``);
  const name = 'vm-kubespray-ci';
  const why = `from: \`quay.io/kubespray/${name}:v13\` moved (${old} → ${now})`;
  expect(whyOf(CHECKOUT, moved, name)).toBe(why);
  const renamed = inCatalog(`v13@sha256:${'e'.repeat(64)}`, `v14@sha256:${'f'.repeat(64)}`);
  expect(whyOf(CHECKOUT, renamed, name)).toMatch(/^from: `quay.io.*:v13@.*→ `quay.io.*:v14@/);
  const platform = inCatalog('holds: vm-disk', 'holds: vm-disk\n    platform: linux/arm64');
  expect(whyOf(CHECKOUT, platform, name)).toBe(
    'platforms: `linux/arm64` added, `linux/amd64` removed',
  );
});

test('a context that is another folder now names the files that differ in it, if any', () => {
  const { [APT]: recipe = '', ...others } = CHECKOUT;
  const catalog = others[CATALOG]?.replaceAll('contexts/apt', 'contexts/debian') ?? '';
  const moved = { ...others, [CATALOG]: catalog, 'contexts/debian/Dockerfile': recipe };
  expect(whyOf(CHECKOUT, moved)).toBe('');
  expect(whyOf(within({ a: '1' }), { ...moved, 'contexts/debian/a': '2' })).toBe('context: `a`');
});

test('each image of a shared context is explained, and a Dockerfile is a file of it for the others', () => {
  const entry = "  - { distribution: debian, version: '13', base: BASE, dockerfile: Other }\n";
  const base = `docker.io/library/debian:13@sha256:${'c'.repeat(64)}`;
  const catalog = `${CHECKOUT[CATALOG] ?? ''}${entry.replace('BASE', base)}`;
  const shared = (files: Files) => ({ ...within(files), [CATALOG]: catalog });
  const recipe = CHECKOUT[APT] ?? '';
  const before = shared({ Other: recipe, file: '1' });
  const after = shared({ Other: `${recipe}\n`, file: '2' });
  expect(whyOf(before, after)).toBe('context: `Other`, `file`');
  expect(whyOf(before, after, 'debian-13')).toBe(
    'dockerfile: `contexts/apt/Other`, context: `file`',
  );
});

const SUM = 'sha512:cccccccccccc';
const FEDORA = 'https://images.example/fedora/41/Fedora-41-1.4.x86_64.raw.xz';

test.each<[what: string, image: string, Files, why: string]>([
  [
    'the tag of a base that moved',
    'debian-12',
    inCatalog(`12-slim@sha256:${'a'.repeat(64)}`, `12-slim@sha256:${'b'.repeat(64)}`),
    'base: `docker.io/library/debian:12-slim` moved (`sha256:aaaaaaaaaaaa` → `sha256:bbbbbbbbbbbb`)',
  ],
  [
    'another tag of a base',
    'debian-12',
    inCatalog(`12-slim@sha256:${'a'.repeat(64)}`, `12@sha256:${'b'.repeat(64)}`),
    'base: `docker.io/library/debian:12-slim@sha256:aaaaaaaaaaaa` → `docker.io/library/debian:12@sha256:bbbbbbbbbbbb`',
  ],
  [
    'a Dockerfile',
    'debian-12',
    edited(APT, 'RUN apt-get update', 'RUN apt-get update -q'),
    'dockerfile: `contexts/apt/Dockerfile`',
  ],
  [
    'arguments',
    'debian-12',
    inCatalog('{ MIRROR: mirror.example }', "{ 'NEW': '', OTHER: x }"),
    'args: `MIRROR` removed, `NEW` added, `OTHER` added',
  ],
  [
    'the value of an argument',
    'ubuntu-22.04',
    inCatalog('JOBS: "4"', 'JOBS: "`8`|"'),
    'args: `JOBS` (`4` → `\u20198\u2019\\|`)',
  ],
  [
    'a target',
    'ubuntu-22.04',
    inCatalog('target: node', 'target: unrelated'),
    'target: `node` → `unrelated`',
  ],
  [
    'a target that is gone',
    'ubuntu-22.04',
    inCatalog('    target: node\n', ''),
    'target: `node` removed',
  ],
  [
    'a snapshot',
    'debian-12',
    inCatalog('2026-11-01', '2026-11-20'),
    'snapshot: `2026-11-01` → `2026-11-20`',
  ],
  [
    'a platform',
    'debian-12',
    inCatalog('platform: linux/arm64', 'platforms: [linux/amd64, linux/arm64]'),
    'platforms: `linux/amd64` added',
  ],
  [
    'another platform, and what else changed',
    'debian-12',
    inCatalog(
      `@sha256:${'a'.repeat(64)}\n    platform: linux/arm64`,
      `@sha256:${'b'.repeat(64)}\n    platform: linux/amd64`,
    ),
    'base: `docker.io/library/debian:12-slim` moved (`sha256:aaaaaaaaaaaa` → `sha256:bbbbbbbbbbbb`), platforms: `linux/amd64` added, `linux/arm64` removed',
  ],
  [
    'the build of a disk by what differs in its URL',
    'vm-ubuntu-2004',
    inCatalog(
      `20250101/focal-server-amd64.img\n    checksum: sha256:${'b'.repeat(64)}`,
      `20260407/focal-server-amd64.img\n    checksum: sha256:${'c'.repeat(64)}`,
    ),
    'disk: `focal` (`20250101` → `20260407`)',
  ],
  [
    'a disk that was replaced by its checksum',
    'vm-fedora-41',
    inCatalog(`sha512:${'c'.repeat(128)}`, `sha512:${'e'.repeat(128)}`),
    `disk: \`Fedora-41-1.4.x86_64.raw.xz\` (\`${SUM}\` → \`sha512:eeeeeeeeeeee\`)`,
  ],
  [
    'a disk from elsewhere',
    'vm-fedora-41',
    inCatalog(
      `${FEDORA}\n        checksum: sha512:${'c'.repeat(128)}`,
      `https://other.example/Fedora-41.raw.xz\n        checksum: sha512:${'e'.repeat(128)}`,
    ),
    'disk: `images.example/fedora/41/Fedora-41-1.4.x86_64.raw.xz` → `other.example/Fedora-41.raw.xz`',
  ],
  ['a size', 'vm-ubuntu-2004', inCatalog('8G', '512M'), 'enlargeBy: `8G` → `512M`'],
  [
    'a format',
    'vm-ubuntu-2004',
    inCatalog('enlargeBy: 8G', 'enlargeBy: 8G\n    format: raw'),
    'format: `qcow2` → `raw`',
  ],
])('the catalog names %s', (_, image, after, why) => {
  expect(whyOf(CHECKOUT, after, image)).toBe(why);
});

test('a base in an argument is a base that moved', () => {
  const withBuilder = (digit: string, tag = '1.25') =>
    inCatalog(
      '{ MIRROR: mirror.example }',
      `{ BUILDER: 'docker.io/library/golang:${tag}@sha256:${digit.repeat(64)}' }`,
    );
  expect(whyOf(withBuilder('a'), withBuilder('b'))).toBe(
    'args: `BUILDER` moved (`sha256:aaaaaaaaaaaa` → `sha256:bbbbbbbbbbbb`)',
  );
  expect(whyOf(withBuilder('a'), withBuilder('b', '1.26'))).toBe(
    'args: `BUILDER` (`docker.io/library/golang:1.25@sha256:aaaaaaaaaaaa` → `docker.io/library/golang:1.26@sha256:bbbbbbbbbbbb`)',
  );
});

test('a platform that a disk gets is no other disk', () => {
  const [from, to] = ['amd64', 'arm64'].map(
    (name, at) =>
      `      linux/${name}: { url: 'https://images.example/debian-12-generic-${name}-20240507-1740.qcow2', checksum: 'sha256:${String(at).repeat(64)}' }\n`,
  ) as [string, string];
  const disks = (text: string) => ({
    ...CHECKOUT,
    [CATALOG]: `images:\n  - kind: vm-disk\n    distribution: debian\n    version: '12'\n    disks:\n${text}`,
  });
  expect(whyOf(disks(from), disks(from + to), 'vm-debian-12')).toBe(
    'platforms: `linux/arm64` added',
  );
});

test('an image is found by its name, wherever the catalog has it', () => {
  const [head = '', debian = '', ...others] = (CHECKOUT[CATALOG] ?? '').split(/(?=^ {2}- )/m);
  const moved = [head, ...others, debian].join('').replace('2026-11-01', '2026-11-20');
  const after = { ...CHECKOUT, [CATALOG]: `${moved}\n` };
  expect(whyOf(CHECKOUT, after)).toBe('snapshot: `2026-11-01` → `2026-11-20`');
});

test('an input that was published from something else is not explained', () => {
  const published = { ...within({ file: '0' }), [DISK]: CHECKOUT[DISK] ?? '' };
  const before = within({ file: '1' });
  const after = {
    ...inCatalog('2026-11-01', '2026-11-20'),
    ...Object.fromEntries([['contexts/apt/file', '2']]),
  };
  expect(whyOf(before, after, 'debian-12', published)).toBe(
    'context, snapshot: `2026-11-01` → `2026-11-20`',
  );
});
