import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  parsePreview,
  type Inputs,
  type Preview,
  type PreviewStep,
  UNKNOWN_VALUE,
} from '../../src/review/preview.ts';
import { formatSummary } from '../../src/review/format-summary.ts';
import { parseForecast } from '../../src/review/parse-forecast.ts';
import { orderSummary, summarize } from '../../src/review/summarize.ts';

/** What the engine printed after a line was added to a Dockerfile, without what nobody reads. */
const RECORDED = readFileSync('test/review/fixtures/preview.json', 'utf8');

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;
const NOW = new Date('2026-11-24T12:00:00Z');
const GOING = { verdict: 'delete', goesAt: '2027-01-02T03:04:05Z' };
const PUBLICATION = 'oci:index:Publication';
const IMAGE = 'docker:index/image:Image';
const TAG = 'oci:index:Tag';

function step(
  operation: string,
  type: string,
  name: string,
  old?: Inputs,
  now?: Inputs,
): PreviewStep {
  const state = (inputs: Inputs | undefined) => inputs && { type, name, inputs, protect: true };
  return { operation, type, name, before: state(old), after: state(now) };
}

function markdown(steps: PreviewStep[], diagnostics: Preview['diagnostics'] = []): string {
  return formatSummary('prod', summarize({ steps, diagnostics }, NOW), undefined);
}

/** The summary of these steps, with a forecast as `images retention --json` prints it. */
function withForecast(
  forecast: object,
  steps: PreviewStep[] = [],
  catalog: readonly string[] = [],
) {
  const summary = orderSummary(summarize({ steps, diagnostics: [] }, NOW), catalog);
  return formatSummary('prod', summary, parseForecast(JSON.stringify(forecast), 'f.json'));
}

const publication = (tag: string, inputs: Inputs): Inputs => ({ tag, inputs });
const build = (args: Inputs = {}): Inputs => ({ build: { args } });
const repository = 'p/images/debian-12';
const latest = (digest: string): Inputs => ({ repository, tag: 'latest', digest });

function expectShown(text: string, parts: readonly string[]): void {
  for (const part of parts) expect(text).toContain(part);
}

test('an image is copied where the run publishes it, and adopted where it is there', () => {
  const inputs = { from: '1', platform: '2' };
  const from = `quay.io/kubespray/vm-ci:v13@${DIGEST}`;
  const news = { ...publication('2', { ...inputs, from: '3' }), from };
  const index = { tag: '2', members: { 'linux/amd64': DIGEST } };
  const moved = { repository: 'p/images/vm-ci', tag: 'latest', index, follows: true };
  const copied = step('replace', PUBLICATION, 'vm-ci', publication('1', inputs), news);
  const text = markdown([copied, step('update', TAG, 'vm-ci-latest', undefined, moved)]);
  expect(text).toContain('`prod`: 1 image to copy, 1 alias that moves');
  expect(text).toContain('| `latest` |  | what is copied |');
  expect(text).toMatch(/`vm-ci` \| is copied \| from: `quay.io\/kubespray\/vm-ci:v13@sha256:a+`/);
  const there = { repository: 'p/images/vm-ci', tag: 'latest', digest: OTHER };
  const adopted = markdown([copied, step('update', TAG, 'vm-ci-latest', undefined, there)]);
  expect(adopted).toContain('`prod`: 1 image to adopt, 1 alias that moves');
});

describe('supported branches', () => {
  const REFERENCED = 'oci:index:ReferencedVersions';
  const inputs = (branches: Readonly<Record<string, readonly string[]>>): Inputs => {
    const records = Object.entries(branches).map(([name, images]) => {
      const found = { 'a.yml by key': images };
      const committedAt = '2026-11-01T00:00:00.000Z';
      return [
        name,
        { alias: name.slice('ci '.length), commit: 'c'.repeat(40), committedAt, found },
      ] as const;
    });
    return { gracePeriod: 30 * 86_400, branches: Object.fromEntries(records) };
  };
  const OLD = inputs({ 'ci release-1': ['alpha', 'beta'], 'ci release-2': ['alpha'] });

  test.each(['same', 'update'])(
    'come first, when they enter, leave or need less: %s',
    (operation) => {
      const now = inputs({ 'ci release-2': [], 'ci release-3': ['alpha'] });
      const text = markdown(
        [step(operation, REFERENCED, 'referenced-versions', OLD, now)],
        [{ severity: 'error', message: 'some error' }],
      );
      const lines = text.split('\n').slice(2, 9);
      expect(lines).toEqual([
        '**Supported branches**',
        '',
        '- ci release\\-3 is supported from now on',
        '- ci release\\-1 leaves: its tags and versions stay until 2026\\-12\\-24 at least',
        '- ⚠ ci release\\-2 lost 1 of 1 images \\(alpha\\) and has no image in a.yml by key any more',
        '',
        '**Errors**',
      ]);
    },
  );

  test.each([
    ['are as before', OLD, OLD],
    ['are in a first run', undefined, OLD],
    ['were not recorded before', { gracePeriod: 1 }, OLD],
  ])('that %s are not shown', (_, old, now) => {
    const text = markdown([step('same', REFERENCED, 'referenced-versions', old, now)]);
    expect(text).not.toContain('Supported branches');
  });
});

test('a real preview shows which images are built, why, and which alias moves', () => {
  const text = formatSummary('prod', summarize(parsePreview(RECORDED, 'p.json'), NOW), undefined);
  expectShown(text, [
    '### `prod`: 3 images to build, 3 aliases that move\n',
    '| `debian-12` | is built | dockerfile | `86a1c4b348dac8b84dce11cac7800eeb` → `1d3ec18312148754b809d933d551f75b` |',
    '| `debian-12` | `latest` | `sha256:13ca0246b088` | what is built |',
  ]);
  expect(text).not.toContain('Other resources');
});

describe('an image', () => {
  test('is built for the platforms that are not there, and its alias moves from where it was', () => {
    const old = publication('t1', { checksum: 'x' });
    const now = publication('t2', { checksum: 'y' });
    const before = {
      type: TAG,
      name: 'n',
      inputs: latest(''),
      outputs: { digest: DIGEST },
      protect: false,
    };
    const alias = step('update', TAG, 'debian-12-latest', latest(''), {
      repository,
      tag: 'latest',
      index: UNKNOWN_VALUE,
    });
    const text = markdown([
      step('replace', PUBLICATION, 'debian-12', old, now),
      step('replace', IMAGE, 'debian-12:linux/arm64', build(), build()),
      step('read', IMAGE, 'debian-12:linux/amd64', {}, {}),
      { ...alias, before },
    ]);
    expectShown(text, [
      '### `prod`: 1 image to build, 1 alias that moves\n',
      '| `debian-12` | is built for linux/arm64 | checksum | `t1` → `t2` |',
      '| `debian-12` | `latest` | `sha256:aaaaaaaaaaaa` | what is built |',
    ]);
  });

  test('is built for its new base and snapshot, which are shown', () => {
    const old = publication('t1', { base: 'x', snapshot: 'x', context: 'c' });
    const now = publication('t2', { base: 'y', snapshot: 'y', context: 'c' });
    const args = { BASE: `docker.io/library/debian@${DIGEST}`, SNAPSHOT: '2026-11-20' };
    const text = markdown([
      step('replace', PUBLICATION, 'debian-12', old, now),
      step('replace', IMAGE, 'debian-12', {}, build(args)),
    ]);
    const base = 'base: `docker.io/library/debian@sha256:aaaaaaaaaaaa`';
    const why = `${base}, snapshot: \`2026-11-20\``;
    expect(text).toContain(`| \`debian-12\` | is built | ${why} | \`t1\` → \`t2\` |`);
  });

  test('is new, lost, adopted or gone from the catalog', () => {
    const old = publication('t1', { base: 'x' });
    const text = markdown([
      step('create', PUBLICATION, 'new', undefined, old),
      step('create', IMAGE, 'new', undefined, build()),
      step('refresh', PUBLICATION, 'lost', old, old),
      step('same', PUBLICATION, 'lost', old, old),
      step('replace', IMAGE, 'lost', {}, build()),
      step('replace', PUBLICATION, 'back', old, publication('t0', { base: 'w' })),
      step('read', IMAGE, 'back', {}, {}),
      step('delete', PUBLICATION, 'gone', old),
      step('same', PUBLICATION, 'still', old, old),
    ]);
    expectShown(text, [
      '2 images to build, 1 image to adopt, 1 image that leaves',
      '| `new` | is built | it is new | `t1` |',
      '| `lost` | is built | the registry does not have it | `t1` |',
      '| `back` | is there already | base | `t1` → `t0` |',
      '| `gone` | leaves the catalog; what was published stays |  | `t1` |',
    ]);
    expect(text).not.toContain('`still`');
  });
});

describe('aliases', () => {
  test('move to a known digest, or to the version that is built', () => {
    const text = markdown([
      step('update', TAG, 'a', latest(DIGEST), latest(OTHER)),
      step('update', TAG, 'b', latest(DIGEST), latest(UNKNOWN_VALUE)),
    ]);
    expectShown(text, [
      '| `sha256:aaaaaaaaaaaa` | `sha256:bbbbbbbbbbbb` |',
      '| `sha256:aaaaaaaaaaaa` | what is built |',
    ]);
  });

  test('that a copy has from another tag of its source are new: the one before stays', () => {
    const named = (tag: string, digest: string) => ({ ...latest(digest), tag });
    const text = markdown([
      step('replace', TAG, 'a', named('v13', DIGEST), named('v14', DIGEST)),
      step('replace', TAG, 'b', named('v13', DIGEST), named('v15', OTHER)),
    ]);
    expectShown(text, [
      '2 aliases that move',
      '| `v14` |  | `sha256:aaaaaaaaaaaa` |',
      '| `v15` |  | `sha256:bbbbbbbbbbbb` |',
    ]);
  });

  test('of branches come, go and move, one by one', () => {
    const old = { repository, aliases: { 'release-1': 't1', 'release-2': 't1', main: '' } };
    const now = { repository, aliases: { 'release-2': 't2', 'release-3': '', main: '' } };
    const text = markdown([step('update', 'oci:index:BranchAliases', 'debian-12', old, now)]);
    expectShown(text, [
      '3 aliases that move',
      '| `debian-12` | `release-1` | `t1` | taken away |',
      '| `debian-12` | `release-2` | `t1` | `t2` |',
      '| `debian-12` | `release-3` |  | what `latest` names |',
    ]);
  });

  test('of branches that follow an image that is built go to that, and the others stay', () => {
    const old = { repository, aliases: { main: DIGEST, 'release-1': '', 'release-2': '' } };
    const now = {
      repository,
      aliases: { main: UNKNOWN_VALUE, 'release-1': OTHER, 'release-2': '' },
    };
    const { before, ...rest } = step('update', 'oci:index:BranchAliases', 'debian-12', old, now);
    const outputs = { digests: { main: DIGEST, 'release-1': OTHER } };
    const text = markdown([{ ...rest, before: before && { ...before, outputs } }]);
    expectShown(text, [
      '1 alias that moves',
      '| `debian-12` | `main` | `sha256:aaaaaaaaaaaa` | what is built |',
    ]);
    expect(text).not.toMatch(/release-/);
  });

  test('of an image that leaves the catalog stay, and are not shown', () => {
    const text = markdown([step('delete', TAG, 'a', latest(DIGEST))]);
    expect(text).toContain('nothing changes');
  });
});

test('clean-up policies are shown before and after, and other changes by their names only', () => {
  const keep = { id: 'keep', action: 'KEEP' };
  const text = markdown([
    step(
      'update',
      'gcp:artifactregistry/repository:Repository',
      'images',
      { cleanupPolicies: [keep, { id: 'old', action: 'DELETE' }], password: 's3cret' },
      { cleanupPolicies: [keep, { id: 'new', action: 'DELETE' }], password: 'secre7' },
    ),
    step('delete', 'gcp:cloudscheduler/job:Job', 'refresh', { schedule: '0 3 * * *' }),
    step('update', 'pulumi:pulumi:Stack', 'x', {}, { a: 1 }),
  ]);
  expectShown(text, [
    '2 clean-up policies, 2 other resources',
    '| `old` | `{"action":"DELETE"}` | goes |',
    '| `new` | new | `{"action":"DELETE"}` |',
    '`cleanupPolicies`, `password` |',
    '| ⚠ delete | `gcp:cloudscheduler/job:Job` `refresh` |  |',
  ]);
  expect(text).not.toMatch(/s3cret|secre7|`keep`/);
});

test('clean-up policies are compared by id, whatever order and notes the gcp plug-in gives them', () => {
  const [keep, old, now] = [
    { id: 'keep', action: 'KEEP' },
    { id: 'old', action: 'DELETE', condition: { olderThan: '1d' } },
    { id: 'old', action: 'DELETE', condition: { olderThan: '1d', __defaults: [] }, __defaults: [] },
  ];
  const text = markdown([
    step(
      'update',
      'gcp:artifactregistry/repository:Repository',
      'images',
      { cleanupPolicies: [keep, old], labels: { by: 'hand' } },
      { cleanupPolicies: [now, keep], labels: {} },
    ),
  ]);
  expectShown(text, ['1 other resource', '| `labels` |']);
  expect(text).not.toMatch(/polic/i);
});

test('warnings and errors come first, without anything that a host takes for markup', () => {
  const message =
    'ping @all <img src=x> [a](https://user:pass@evil.test) `x`\n| #1 ![y](z) &1 WWW.evil.test';
  const text = markdown([], [{ severity: 'error', message }]);
  expectShown(text, ['**Errors**', '1 error\n']);
  expect(text).not.toMatch(/@all|<img|user:pass|https:\/\/|(?<!\\)[`[#!]y?\w*\]?\(/);
  // GitLab takes &1 for an epic, and both hosts take www.a.b for a link.
  expect(text).not.toMatch(/&(?:amp;)?1|www\./i);
});

test('a message of any length leaves room for the rest', () => {
  const gone = step('delete', PUBLICATION, 'debian-12', publication('t', {}));
  const message = `failed: ${'`<'.repeat(100_000)}`;
  const text = markdown([gone], [{ severity: 'error', message }]);
  expectShown(text, ['- failed: ', '…\n', '`debian-12`']);
  expect(text.length).toBeLessThan(20_000);
});

test('long messages, however many, leave room for the rest', () => {
  const gone = step('delete', PUBLICATION, 'debian-12', publication('t', {}));
  const lost = step('delete', 'gcp:x/y:Z', 'other');
  const many = Array.from({ length: 1000 }, (_, at) => ({
    severity: at % 2 === 0 ? ('error' as const) : ('warning' as const),
    message: `${at} ${'&'.repeat(100_000)}`,
  }));
  const text = markdown([gone, lost], many);
  expectShown(text, ['- 0 ', '- 1 ', '`debian-12`', '`other`']);
  expect(text.match(/There is more than fits here\./g)).toHaveLength(2);
  expect(text.match(/<details>/g)).toHaveLength(2);
  expect(text.match(/<\/details>/g)).toHaveLength(2);
  expect(text.length).toBeLessThan(65_536);
});

test('a message is not cut within a character', () => {
  for (const message of [
    `${'x'.repeat(1999)}\u{1F600}`,
    `${'x'.repeat(1998)}\u{1F600}x`,
    '\uD83D',
  ]) {
    const text = markdown([], [{ severity: 'error', message }]);
    expect(text.isWellFormed()).toBe(true);
  }
});

test('a long list is folded, a longer one is cut, and a note is never too long', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      step('delete', PUBLICATION, `image-${at}-${'x'.repeat(150)}`, publication('t', {})),
    );
  expect(markdown(many(12))).not.toContain('<details>');
  expect(markdown(many(13))).toMatch(
    /<details><summary><b>Images<\/b><\/summary>\n\n\|.*<\/details>/s,
  );
  expect(markdown(many(250)).length).toBeGreaterThan(50_000);
  const cut = markdown(many(3000));
  expect(cut.length).toBeLessThan(65_536);
  expect(cut).toMatch(/\nThere is more than fits here\.\n\n<\/details>\n$/);
});

test('the forecast shows which versions are deleted and when, what is missing, and its warnings', () => {
  const deleted = { digest: DIGEST, tags: ['t1'], ...GOING };
  const kept = { digest: DIGEST, tags: [], verdict: 'keep', goesAt: null };
  const forecast = {
    dryRun: true,
    images: [{ image: 'debian-12', entries: [deleted, kept] }],
    missing: [{ source: 'kubespray', branch: 'release-2.30', image: 'debian-11', tag: 't0' }],
    unpublished: [
      { source: 'kubespray', branch: 'master', image: 'debian-13', tag: null },
      { source: 'kubespray', branch: 'master', image: 'debian-14', tag: null, digest: DIGEST },
    ],
    warnings: ['a clean-up would delete it'],
  };
  expectShown(withForecast(forecast), [
    '**Retention (dry run: nothing is deleted)**',
    '| `debian-12` | `t1` | ⚠ deleted | 2027-01-02 |',
    '| `debian-12` | `sha256:aaaaaaaaaaaa` | kept | never |',
    '**Needed by a supported branch, and lost from the registry**\n\n- `kubespray release-2.30` needs `debian-11:t0`\n\n',
    '**Needed by a supported branch, and never published**\n\n- `kubespray master` needs `debian-13`\n',
    '- `kubespray master` needs `debian-14@sha256:aaaaaaaaaaaa`',
    '- a clean\\-up would delete it',
  ]);
});

test('the forecast shows an index with its platforms and the size of all of it', () => {
  const index = {
    ...{ digest: DIGEST, tags: ['t1'], ...GOING },
    ...{ platforms: ['linux/amd64', 'linux/arm64'], sizeBytes: 7_855_000 },
  };
  const image = { digest: DIGEST, tags: ['t0'], verdict: 'keep', goesAt: null, sizeBytes: 900 };
  const forecast = {
    ...{ dryRun: false, missing: [], unpublished: [], warnings: [] },
    images: [{ image: 'debian-12', entries: [index, image] }],
  };
  expectShown(withForecast(forecast), [
    '| image | version | platforms | size | verdict | goes on |',
    '| `debian-12` | `t1` | `linux/amd64`, `linux/arm64` | 7.9 MB | ⚠ deleted | 2027-01-02 |',
    '| `debian-12` | `t0` |  | 900 B | kept | never |',
  ]);
});

describe('a forecast that was compared with a revision', () => {
  const entry = {
    ...{ digest: DIGEST, tags: ['t1'], ...GOING },
    reasons: [{ kind: 'expired', text: 'older than 90d, and nothing keeps it' }],
  };
  const NOTHING = { dryRun: false, missing: [], unpublished: [], warnings: [], against: 'main' };
  const textOf = (images: readonly object[], catalog?: readonly string[]) =>
    withForecast({ ...NOTHING, images }, [], catalog);

  test('shows what becomes of a version now and before, and why', () => {
    const before = { verdict: 'keep', goesAt: null, reasons: [] };
    const named = 'needed by @main (a_b.yml:1)';
    const other = { ...entry, reasons: [{ kind: 'branch', text: named }], before: entry };
    const old = 'older than 90d, and nothing keeps it';
    const text = textOf([{ image: 'a', entries: [{ ...entry, before }, other] }]);
    expectShown(text, [
      '| image | version | verdict | goes on | why |',
      '| `a` | `t1` | kept → ⚠ deleted | never → 2027-01-02 | older than 90d, and nothing keeps it |',
      `| \`a\` | \`t1\` | ⚠ deleted | 2027-01-02 | ${old} → needed by @\u200Bmain \\(a\\_b.yml:1\\) |`,
    ]);
  });

  test('does not miss what the run publishes', () => {
    const need = { source: 'own', branch: 'main', image: 'debian-12' };
    const unpublished = [
      { ...need, tag: 't2' },
      { ...need, tag: 't3' },
    ];
    const [t1, t2] = [publication('t1', {}), publication('t2', {})];
    const built = step('replace', PUBLICATION, 'debian-12', t1, t2);
    const text = withForecast({ ...NOTHING, images: [], unpublished }, [built]);
    expect(text).toContain('needs `debian-12:t3`');
    expect(text).not.toContain('needs `debian-12:t2`');
  });

  test('has one line where nothing differs', () => {
    const line = '**Retention**: every published version stays or goes as before this change.';
    expect(textOf([])).toBe(`### \`prod\`: nothing changes\n\n${line}\n`);
  });

  test('lists the images as the catalog does, and others after them', () => {
    const names = ['a', 'b', 'c', 'd'];
    const text = textOf(
      names.map((image) => ({ image, entries: [entry] })),
      ['d', 'b'],
    );
    const rows = [...text.matchAll(/^\| `(\w)`/gm)].map(([, name]) => name);
    expect(rows).toEqual(['d', 'b', 'a', 'c']);
  });
});

test('images and aliases are in the order of the catalog, and those of other images come last', () => {
  const names = ['b', 'c', 'a', 'd'];
  const verifications = ['images', 'b:linux/amd64', 'a:linux/arm64', 'c:linux/amd64'];
  const steps = names.flatMap((name, at) => [
    step('create', 'oci:index:Verification', verifications[at] ?? '', undefined, {}),
    step('delete', PUBLICATION, name, publication(`t-${name}`, {})),
    step(
      'update',
      TAG,
      `${name}-latest`,
      { repository: `p/${name}`, tag: 'latest', digest: DIGEST },
      { repository: `p/${name}`, tag: 'latest', digest: OTHER },
    ),
  ]);
  const { images, aliases, others } = orderSummary(summarize({ steps, diagnostics: [] }, NOW), [
    'd',
    'c',
  ]);
  expect(images.map(({ name }) => name)).toEqual(['d', 'c', 'a', 'b']);
  expect(aliases.map(({ image }) => image)).toEqual(['d', 'c', 'a', 'b']);
  const platforms = ['c:linux/amd64', 'a:linux/arm64', 'b:linux/amd64'];
  expect(others.map(({ name }) => name)).toEqual([...platforms, 'images']);
});

test('sections of builds come after the images, and their folds are closed where they are cut', () => {
  const fold = (title: string) => [
    ...['', `<details><summary>${title}</summary>`, ''],
    ...Array.from({ length: 1000 }, () => `- ${'x'.repeat(100)}`),
    ...['', '</details>'],
  ];
  const gone = step('delete', PUBLICATION, 'debian-12', publication('t', {}));
  const summary = summarize({ steps: [gone], diagnostics: [] }, NOW);
  const text = formatSummary('prod', summary, undefined, [
    [...fold('one'), ...fold('two')],
    fold('three'),
  ]);
  expect(text.length).toBeLessThan(65_536);
  expect(text.indexOf('debian-12')).toBeLessThan(text.indexOf('<summary>one'));
  expect(text.match(/^<details>/gm)?.length).toBe(text.match(/^<\/details>/gm)?.length);
  expectShown(text, ['<summary>one', '<summary>three', 'There is more than fits here.']);
  const many = Array.from({ length: 400 }, (_, at) => fold(String(at)));
  expect(formatSummary('prod', summary, undefined, many).length).toBeLessThan(65_536);
});

test.each(['', '[]', '{"steps": [{}]}', '{"steps": 1}'])('%s is no preview', (text) => {
  expect(() => parsePreview(text, 'p.json')).toThrow(/p\.json {2}PREVIEW_UNREADABLE/);
});

test('a preview without steps changes nothing', () => {
  expect(parsePreview('{}', 'p.json')).toEqual({ steps: [], diagnostics: [] });
});

test('another text is no forecast', () => {
  expect(() => parseForecast('{"images": []}', 'f.json')).toThrow(/f\.json {2}FORECAST_UNREADABLE/);
});
