import { expect, test } from 'vitest';
import {
  describeDetails,
  detailedPublications,
  type ReadPlatform,
  type ReadVersion,
} from '../../src/page/describe-details.ts';
import { publicationsByImage } from '../../src/page/publications.ts';
import { unknown } from '../../src/packages/package-list.ts';
import { packagesOf } from '../packages/packages-of.ts';
import { digest, held } from '../retention/retention-fixture.ts';

const CHECK = { state: 'ok', text: '' } as const;

function version(platforms: Readonly<Record<string, Partial<ReadPlatform>>>): ReadVersion {
  const whole = Object.entries(platforms).map(([platform, part]) => {
    const packages = unknown('it was published without attestations');
    return [platform, { labels: {}, inputs: {}, packages, ...part }] as const;
  });
  const checks = { signature: CHECK, provenance: CHECK, verification: undefined };
  return { platforms: Object.fromEntries(whole), ...checks };
}

const list = (...lines: string[]) => packagesOf('deb', lines);

test('what changed is what differs in inputs and packages', () => {
  const before = version({
    'linux/amd64': {
      inputs: { base: 'debian@1', gone: 'x' },
      packages: list('a 1 all', 'b 1 all'),
    },
  });
  const now = version({
    'linux/amd64': { inputs: { base: 'debian@2' }, packages: list('a 2 all', 'c 1 all') },
  });
  expect(describeDetails(now, before).changes).toEqual([
    'base: debian@1 → debian@2',
    'gone: x removed',
    'a 1 → 2',
    'b 1 removed',
    'c 1 added',
  ]);
  expect(describeDetails(before, undefined).changes).toBeUndefined();
  expect(describeDetails(now, now).changes).toEqual([]);
});

test('platforms that differ alike are named once, and others with their platforms', () => {
  const both = (packages: ReadPlatform['packages'], other = packages) =>
    version({ 'linux/amd64': { packages }, 'linux/arm64': { packages: other } });
  const before = both(list('a 1 all'));
  expect(describeDetails(both(list('a 2 all')), before).changes).toEqual(['a 1 → 2']);
  const { changes, packages } = describeDetails(both(list('a 2 all'), unknown('no list')), before);
  expect(changes).toEqual([
    'a 1 → 2 (linux/amd64)',
    'packages unknown: after: no list (linux/arm64)',
  ]);
  expect(packages).toEqual({ 'linux/amd64': '1 (deb)', 'linux/arm64': 'unknown: no list' });
});

test('inputs that platforms share stand once', () => {
  const { inputs } = describeDetails(
    version({
      'linux/amd64': { inputs: { snapshot: '2026-11-01', base: 'a' } },
      'linux/arm64': { inputs: { snapshot: '2026-11-01', base: 'b' } },
    }),
    undefined,
  );
  expect(inputs).toEqual({
    'base (linux/amd64)': 'a',
    'base (linux/arm64)': 'b',
    snapshot: '2026-11-01',
  });
});

test('an input may have the name of what each object has', () => {
  const before = version({ 'linux/amd64': {}, 'linux/arm64': {} });
  const now = version({ 'linux/amd64': { inputs: { constructor: 'x' } }, 'linux/arm64': {} });
  const { inputs, changes } = describeDetails(now, before);
  expect(inputs).toEqual({ 'constructor (linux/amd64)': 'x' });
  expect(changes?.[0]).toBe('constructor (linux/amd64): x added');
});

test('of many changes the first forty are listed', () => {
  const all = (name: string) =>
    version({ 'linux/amd64': { packages: list(...numbered(name, 50)) } });
  const { changes = [], otherChanges } = describeDetails(all('b'), all('a'));
  expect(changes).toHaveLength(40);
  expect(otherChanges).toBe(60); // 50 removed + 50 added − 40
});

function numbered(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${name}${at} 1 all`);
}

test('texts of others lose accounts and line breaks, and stay what they are otherwise', () => {
  const labels = { 'a\nb': 'https://user:pass@example.com/x', html: '</script>' };
  const details = describeDetails(version({ 'linux/amd64': { labels } }), undefined);
  expect(details.labels).toEqual({
    'a | b': 'https://***@example.com/x',
    html: '</script>',
  });
});

test('the newest five versions have details, and those that are named', () => {
  const versions = Array.from({ length: 8 }, (_, at) => {
    const own = { digest: digest(String(at)), tags: [`v${at}`] };
    const verdict = { verdict: 'keep', goesAt: undefined, reasons: [] } as const;
    return { version: held('a', at, own), ...verdict };
  });
  const publications = publicationsByImage(versions).get('a') ?? [];
  const chosen = detailedPublications(publications, ({ version: { tags } }) => tags.includes('v6'));
  expect(chosen.map(({ version: { tags } }) => tags[0])).toEqual([
    'v0',
    'v1',
    'v2',
    'v3',
    'v4',
    'v6',
  ]);
});
