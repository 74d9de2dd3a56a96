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
import { summarize } from '../../src/review/summarize.ts';

/** What the engine printed after a line was added to a Dockerfile, without what nobody reads. */
const RECORDED = readFileSync('test/review/fixtures/preview.json', 'utf8');

const DIGEST = `sha256:${'a'.repeat(64)}`;

type State = readonly [inputs: Inputs, protect?: boolean];

function step(
  operation: string,
  type: string,
  name: string,
  old?: State,
  now?: State,
): PreviewStep {
  const state = (from: State | undefined) => {
    return from && { type, name, inputs: from[0], protect: from[1] === true };
  };
  const [before, after] = [state(old), state(now)];
  return { operation, type, name, before, after };
}

function markdown(steps: readonly PreviewStep[], more: Partial<Preview> = {}): string {
  return formatSummary('prod', summarize({ steps, diagnostics: [], ...more }), undefined);
}

const publication = (tag: string, inputs: Inputs): State => [{ tag, inputs }];
const image = (args: Inputs): State => [{ build: { args } }];
const alias = (digest: string): State => [
  { repository: 'p/images/debian-12', tag: 'latest', digest },
];

describe('a real preview', () => {
  test('names what is built, why, and which alias moves', () => {
    const text = formatSummary('prod', summarize(parsePreview(RECORDED, 'p.json')), undefined);
    expect(text).toContain('### `prod`: 3 images to build, 3 aliases that move\n');
    expect(text).toContain(
      '| `debian-12` | is built | dockerfile | `86a1c4b348dac8b84dce11cac7800eeb` → `1d3ec18312148754b809d933d551f75b` |',
    );
    expect(text).toContain('| `debian-12` | `latest` | `sha256:13ca0246b088` | what is built |');
    expect(text).not.toContain('Other resources');
  });
});

describe('an image', () => {
  test('is built for its new base and snapshot, which are shown', () => {
    const args = { BASE: `docker.io/library/debian@${DIGEST}`, SNAPSHOT: '2026-11-20' };
    const text = markdown([
      step(
        'replace',
        'oci:index:Publication',
        'debian-12',
        publication('t1', { base: 'x', snapshot: 'x', context: 'c' }),
        publication('t2', { base: 'y', snapshot: 'y', context: 'c' }),
      ),
      step('replace', 'docker:index/image:Image', 'debian-12', [{}], image(args)),
    ]);
    const base = 'base: `docker.io/library/debian@sha256:aaaaaaaaaaaa`';
    expect(text).toContain(
      `| \`debian-12\` | is built | ${base}, snapshot: \`2026-11-20\` | \`t1\` → \`t2\` |`,
    );
  });

  test('that is new, lost, adopted or gone from the catalog is told apart', () => {
    const old = publication('t1', { base: 'x' });
    const text = markdown([
      step('create', 'oci:index:Publication', 'new', undefined, old),
      step('create', 'docker:index/image:Image', 'new', undefined, image({})),
      step('refresh', 'oci:index:Publication', 'lost', old, old),
      step('same', 'oci:index:Publication', 'lost', old, old),
      step('replace', 'docker:index/image:Image', 'lost', [{}], image({})),
      step('replace', 'oci:index:Publication', 'back', old, publication('t0', { base: 'w' })),
      step('read', 'docker:index/image:Image', 'back', [{}], [{}]),
      step('delete', 'oci:index:Publication', 'gone', old),
      step('same', 'oci:index:Publication', 'still', old, old),
    ]);
    expect(text).toContain('2 images to build, 1 image to adopt, 1 image that leaves');
    expect(text).toContain('| `new` | is built | it is new | `t1` |');
    expect(text).toContain('| `lost` | is built | the registry does not have it | `t1` |');
    expect(text).toContain('| `back` | is there already | base | `t1` → `t0` |');
    expect(text).toContain('| `gone` | leaves the catalog; what was published stays |  | `t1` |');
    expect(text).not.toContain('`still`');
  });
});

describe('aliases', () => {
  test('move to what is known, or to what is built', () => {
    const other = `sha256:${'b'.repeat(64)}`;
    const known = step('update', 'oci:index:Tag', 'a', alias(DIGEST), alias(other));
    const unknown = step('update', 'oci:index:Tag', 'b', alias(DIGEST), alias(UNKNOWN_VALUE));
    const text = markdown([known, unknown]);
    expect(text).toContain('| `sha256:aaaaaaaaaaaa` | `sha256:bbbbbbbbbbbb` |');
    expect(text).toContain('| `sha256:aaaaaaaaaaaa` | what is built |');
  });

  test('of branches come, go and move, one by one', () => {
    const aliases = (record: Inputs): State => [
      { repository: 'p/images/debian-12', aliases: record },
    ];
    const text = markdown([
      step(
        'update',
        'oci:index:BranchAliases',
        'debian-12-branches',
        aliases({ 'release-1': 't1', 'release-2': 't1', main: '' }),
        aliases({ 'release-2': 't2', 'release-3': '', main: '' }),
      ),
    ]);
    expect(text).toContain('3 aliases that move');
    expect(text).toContain('| `debian-12` | `release-1` | `t1` | taken away |');
    expect(text).toContain('| `debian-12` | `release-2` | `t1` | `t2` |');
    expect(text).toContain('| `debian-12` | `release-3` |  | what `latest` names |');
  });

  test('of an image that leaves the catalog stay, and are not shown', () => {
    expect(markdown([step('delete', 'oci:index:Tag', 'a', alias(DIGEST))])).toContain(
      'nothing changes',
    );
  });
});

test('clean-up policies are shown before and after, and what else changes by its name only', () => {
  const keep = { id: 'keep', action: 'KEEP' };
  const text = markdown([
    step(
      'update',
      'gcp:artifactregistry/repository:Repository',
      'images',
      [{ cleanupPolicies: [keep, { id: 'old', action: 'DELETE' }], password: 's3cret' }, true],
      [{ cleanupPolicies: [keep, { id: 'new', action: 'DELETE' }], password: 'secre7' }, true],
    ),
    step('delete', 'gcp:cloudscheduler/job:Job', 'refresh', [{ schedule: '0 3 * * *' }]),
    step('update', 'pulumi:pulumi:Stack', 'x', [{}], [{ a: 1 }]),
  ]);
  expect(text).toContain('| `old` | `{"action":"DELETE"}` | goes |');
  expect(text).toContain('| `new` | new | `{"action":"DELETE"}` |');
  expect(text).not.toContain('`keep`');
  expect(text).toContain('`cleanupPolicies`, `password` |');
  expect(text).not.toMatch(/s3cret|secre7/);
  expect(text).toContain('| ⚠ delete | `gcp:cloudscheduler/job:Job` `refresh` |  |');
  expect(text).toContain('2 clean-up policies, 2 other resources');
});

test('warnings and errors come first, without anything that a host takes for markup', () => {
  const message = 'ping @all <img src=x> [a](https://user:pass@evil.test) `x`\n| #1 ![y](z)';
  const text = markdown([], { diagnostics: [{ severity: 'error', message }] });
  expect(text).toContain('**Errors**');
  expect(text).toContain('1 error\n');
  expect(text).not.toMatch(/@all|<img|user:pass|https:\/\/|(?<!\\)[`[#!]y?\w*\]?\(/);
});

test('a long list is folded, a longer one is cut, and a note is never too long', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      return step(
        'delete',
        'oci:index:Publication',
        `image-${at}-${'x'.repeat(150)}`,
        publication('t', {}),
      );
    });
  expect(markdown(many(12))).not.toContain('<details>');
  expect(markdown(many(13))).toMatch(
    /<details><summary><b>Images<\/b><\/summary>\n\n\|.*<\/details>/s,
  );
  expect(markdown(many(250)).length).toBeGreaterThan(50_000);
  const cut = markdown(many(3000));
  expect(cut.length).toBeLessThan(65_536);
  expect(cut).toMatch(/<\/details>\n\nThere is more than fits in a note\.\n$/);
});

describe('the forecast', () => {
  const forecast = (more: object = {}) => ({
    dryRun: false,
    missing: [],
    warnings: [],
    images: [],
    ...more,
  });
  const format = (value: unknown) =>
    formatSummary(
      'prod',
      { images: [], aliases: [], policies: [], others: [], diagnostics: [] },
      parseForecast(JSON.stringify(value), 'f.json'),
    );

  test('shows what goes and when, what is missing, and its warnings', () => {
    const entry = {
      digest: DIGEST,
      tags: ['t1'],
      verdict: 'delete',
      goesAt: '2027-01-02T03:04:05Z',
    };
    const kept = { digest: DIGEST, tags: [], verdict: 'keep', goesAt: null };
    const text = format(
      forecast({
        dryRun: true,
        images: [{ image: 'debian-12', entries: [entry, kept] }],
        missing: [{ source: 'kubespray', branch: 'release-2.30', image: 'debian-11', tag: 't0' }],
        warnings: ['a clean-up would delete it'],
      }),
    );
    expect(text).toContain('**Retention (dry run: nothing is deleted)**');
    expect(text).toContain('| `debian-12` | `t1` | ⚠ deleted | 2027-01-02 |');
    expect(text).toContain('| `debian-12` | `sha256:aaaaaaaaaaaa` | kept | never |');
    expect(text).toContain('- `kubespray release-2.30` needs `debian-11:t0`');
    expect(text).toContain('- a clean\\-up would delete it');
  });

  test('that can not be read is rejected', () => {
    expect(() => format({ images: [] })).toThrow(/f\.json {2}FORECAST_UNREADABLE/);
  });
});

test('a preview that can not be read is rejected, and one without steps changes nothing', () => {
  for (const text of ['', '[]', '{"steps": [{}]}', '{"steps": 1}']) {
    expect(() => parsePreview(text, 'p.json')).toThrow(/p\.json {2}PREVIEW_UNREADABLE/);
  }
  expect(parsePreview('{}', 'p.json')).toEqual({ steps: [], diagnostics: [] });
});
