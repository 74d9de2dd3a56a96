import { describe, expect, test } from 'vitest';
import { findVersion, publications, type HeldImage } from '../../src/cli/find-version.ts';
import type { Digest } from '../../src/image-reference.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';

function digest(start: string): Digest {
  return `sha256:${start.padEnd(64, '0')}` as Digest;
}

function held(start: string, day: string, tags: string[], more: object = {}): HeldVersion {
  const uploadedAt = new Date(`2026-${day}`);
  return {
    packageName: 'debian-12',
    digest: digest(start),
    tags,
    uploadedAt,
    sizeBytes: 7,
    ...more,
  };
}

const IMMUTABLE = { old: 'aa11'.repeat(8), middle: 'bb22'.repeat(8), latest: 'cc33'.repeat(8) };
const OLD = held('abcd1', '10-01T05:00Z', [IMMUTABLE.old, 'kubespray-release-2.30']);
const MIDDLE = held('abce2', '11-01T05:00Z', [
  IMMUTABLE.middle,
  'release-2.31',
  'unreferenced-20261124T173000Z',
]);
const NEW = held('cdef3', '11-24T05:00Z', [IMMUTABLE.latest, 'latest', 'main', 'feature-x']);
const MEMBER = held('eeee4', '11-24T04:59Z', [`${IMMUTABLE.latest}-linux-amd64`], {
  indexes: [NEW.digest],
});
const SIGNATURE = held('ffff5', '11-25T05:00Z', [`sha256-${NEW.digest.slice(7)}`]);

const STRAY = held('7777', '11-26T05:00Z', [`${'dd44'.repeat(8)}-linux-amd64`]);

const IMAGE: HeldImage = {
  name: 'debian-12',
  versions: [OLD, SIGNATURE, STRAY, NEW, MEMBER, MIDDLE],
  sources: [{ name: 'own' }, { name: 'kubespray', aliasPrefix: 'kubespray-' }],
};

test('publications are the versions that stand for themselves, the newest first', () => {
  expect(publications(IMAGE)).toEqual([NEW, MIDDLE, OLD]);
});

test('a version from before its image had several platforms is none of the index that it is in now', () => {
  const before = { ...MIDDLE, indexes: [NEW.digest] };
  const image = { ...IMAGE, versions: [NEW, before] };
  expect(publications(image)).toEqual([NEW, before]);
  for (const name of [IMMUTABLE.middle, 'release-2.31', before.digest]) {
    expect(findVersion(image, name)).toBe(before);
  }
});

describe('a version is found by', () => {
  test.each([
    ['an alias', 'latest', NEW],
    ['an immutable tag', IMMUTABLE.middle, MIDDLE],
    ['its first digits', 'bb22bb22bb22', MIDDLE],
    ['a digest', MIDDLE.digest, MIDDLE],
    ['the first digits of a digest', 'sha256:abcd', OLD],
    ['the same in capitals, without the algorithm', 'ABCE', MIDDLE],
    ['the digest of the image for a platform', MEMBER.digest, NEW],
    ['the tag of a platform', `${IMMUTABLE.latest}-linux-amd64`, NEW],
    ['a branch', 'release-2.31', MIDDLE],
    ['a branch of a source whose aliases have a prefix', 'release-2.30', OLD],
    ['the alias of that', 'kubespray-release-2.30', OLD],
    ['a source and a branch', 'kubespray@release-2.30', OLD],
    ['a branch of a remote', 'origin/release-2.31', MIDDLE],
    ['the whole name of a branch', 'refs/heads/release-2.31', MIDDLE],
    ['a branch with a slash', 'feature/x', NEW],
    ['the day of its publication', '2026-11-01', MIDDLE],
    ['a later day', '2026-11-23', MIDDLE],
    ['a day after all', '2027-01-01', NEW],
    ['the second of its publication', '2026-11-01T05:00:00Z', MIDDLE],
    ['the second before', '2026-11-01T04:59:59Z', OLD],
    ['a time of another zone', '2026-11-01T04:59+00:30', OLD],
    ['a name and a tag', 'debian-12:main', NEW],
    ['a whole reference', `registry.test/p/images/debian-12:x@${OLD.digest}`, OLD],
    ['a text with blanks around it', ' latest\n', NEW],
  ])('%s', (_, text, version) => {
    expect(findVersion(IMAGE, text)).toBe(version);
  });
});

test('of a branch that needs several versions, its own alias counts, and else the only longer one', () => {
  const one = held('1111', '10-02T05:00Z', ['release-1.0-v13-0123abcd']);
  const own = held('2222', '10-02T05:00Z', ['release-1.0']);
  const other = held('3333', '10-02T05:00Z', ['release-1.0.1-v13-0123abcd']);
  const find = (...versions: HeldVersion[]) => findVersion({ ...IMAGE, versions }, 'release-1.0');
  expect(find(other, one)).toBe(one);
  expect(find(other, one, own)).toBe(own);
  expect(() => find(other)).toThrow('has no version "release-1.0"');
});

test.each([
  ['lates', /debian-12 has no version "lates"; did you mean latest\?/],
  ['Release-2.31', /did you mean release-2\.31\?/],
  ['relase-2.30', /did you mean release-2\.30\?/],
  [
    '2026-11-31',
    /no version "2026-11-31"; write feature-x, latest, main, release-2\.31, kubespray-release-2\.30, a date since 2026-10-01, or a digest/,
  ],
  ['fffff', /has no version "fffff"/],
  ['cc', /has no version "cc"/],
  ['fedora-43:latest', /has no version/],
  ['other@release-2.30', /has no version/],
  [SIGNATURE.digest, /has no version/],
  ['2026-09-30', /from "2026-09-30" or before; choose a day since 2026-10-01/],
])('%s is no version', (text, message) => {
  expect(() => findVersion(IMAGE, text)).toThrow(message);
});

test('what names several versions is refused, with their names', () => {
  expect(() => findVersion(IMAGE, 'sha256:abc')).toThrow('has no version');
  const versions = [OLD, held('abcd2', '11-02T05:00Z', [])];
  expect(() => findVersion({ ...IMAGE, versions }, 'abcd')).toThrow(
    `"abcd" names 2 versions of debian-12; write one of ${digest('abcd2')}, kubespray-release-2.30`,
  );
  const tagged = [OLD, held('9', '11-02T05:00Z', ['release-2.30'])];
  expect(findVersion({ ...IMAGE, versions: tagged }, 'release-2.30')).toBe(tagged[1]);
});
