import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRetention } from '../../src/retention/parse-retention.ts';
import { retentionJsonSchema } from '../../src/retention/schema.ts';
import { parseDuration, unknownImages } from '../../src/retention/retention.ts';
import { DAY, digest, entry, FILE, problemsOf } from './retention-fixture.ts';

const KEYS = 'dryRun window keepNewest untaggedAfter keepAliases allow sources'.split(' ');
const TIMES =
  'dryRun: false\nwindow: 2w\nkeepNewest: 1\nuntaggedAfter: 36h\ngracePeriod: 30d\nsources: []\n';

test('durations are read as seconds and entries as what they name', () => {
  const allow = `allow: [debian-12, "debian-12:v1", debian-12@${digest('a')}]`;
  expect(parseRetention(FILE, `${TIMES}keepAliases: [latest]\n${allow}`)).toEqual({
    dryRun: false,
    window: 14 * DAY,
    keepNewest: 1,
    untaggedAfter: 129_600, // 36 × 3600
    gracePeriod: 30 * DAY,
    sources: [],
    keepAliases: ['latest'],
    allow: [
      { image: 'debian-12' },
      { image: 'debian-12', tag: 'v1' },
      { image: 'debian-12', digest: digest('a') },
    ],
  });
});

test('only what keeps more may be left out', () => {
  expect(parseRetention(FILE, TIMES)).toMatchObject({ keepAliases: [], allow: [] });
});

test.each([
  ['24h', 86_400],
  ['1d', 86_400],
  ['90d', 7_776_000],
  ['1w', 604_800],
  ['3650d', 315_360_000],
  ['23h', undefined],
  ['3651d', undefined],
  ['9999999w', undefined],
  ['0d', undefined],
  ['01d', undefined],
  ['90 d', undefined],
  ['90D', undefined],
  ['90', undefined],
  ['d', undefined],
  ['1m', undefined],
  ['90 days', undefined],
  ['7776000s', undefined],
  ['1d\n', undefined],
  ['', undefined],
])('the duration %j is %j seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test('the images that the catalog does not have are listed, in order and once', () => {
  const allow = ['z', 'debian-12:v1', 'a:v1', 'a', `b@${digest('a')}`].map(entry);
  expect(unknownImages({ allow }, ['debian-12', 'debian-13'])).toEqual(['a', 'b', 'z']);
  expect(unknownImages({ allow: [] }, [])).toEqual([]);
});

describe('nothing but an InvalidInputError is thrown', () => {
  const check = (text: string) => {
    problemsOf(text);
  };

  test('for any value in any key', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS, 'x'), fc.jsonValue(), (key, value) => {
        check(JSON.stringify({ dryRun: true, window: '90d', [key]: value }));
        check(JSON.stringify({ allow: [value], keepAliases: [value, value] }));
      }),
    );
  });

  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), check));
  });
});

describe('config/ of this repository', () => {
  const committed = (file: string) =>
    readFileSync(new URL(`../../config/${file}`, import.meta.url), 'utf8');
  const text = committed('retention.yml');

  test('has no problem and keeps what the program publishes as latest', () => {
    expect(parseRetention(FILE, text).keepAliases).toContain('latest');
  });

  test('switches the dry run in a line of its own, so that a review shows nothing else', () => {
    expect(text.match(/^dryRun: (true|false)$/gm)).toHaveLength(1);
  });

  test('has the schema of the code for editors, which ask for the keys that decide about deletion', () => {
    const schema = committed('retention.schema.json');
    expect(schema, 'stale: run `npm run -s images -- schema`').toBe(retentionJsonSchema());
    expect(text).toMatch(/^# yaml-language-server: \$schema=retention\.schema\.json$/m);
    expect(JSON.parse(schema)).toMatchObject({
      required: ['dryRun', 'window', 'keepNewest', 'untaggedAfter', 'gracePeriod', 'sources'],
      additionalProperties: false,
    });
  });
});
