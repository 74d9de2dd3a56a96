import { describe, expect, test } from 'vitest';
import {
  countAttachments,
  expectedCounts,
  largerCounts,
  mostMembers,
  withAttachments,
} from '../../src/retention/attachments.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { DAY, digest, held, inDays, someRetention } from './retention-fixture.ts';

const version = (name: string, rest: Partial<HeldVersion> = {}, image = 'debian-12') =>
  held(image, 1, { digest: digest(name), tags: [`v${name}`], ...rest });
const member = (name: string, ...indexes: readonly string[]) =>
  version(name, { tags: [], indexes: indexes.map(digest) });
const signature = (name: string, of: string) =>
  version(name, { tags: [`sha256-${digest(of).slice(7)}.sig`] });
const about = (name: string, of: string) => version(name, { tags: [], subjects: [digest(of)] });
const referrers = (name: string, of: string) =>
  version(name, { tags: [`sha256-${digest(of).slice(7)}`] });
const lone = (name: string) => version(name, { tags: [`${'ab'.repeat(16)}-linux-amd64`] });

const NONE = { mostMembers: 0, mostOfOne: 0, most: 0, areLoose: false };

test.each<[string, readonly HeldVersion[], object]>([
  ['nothing', [], NONE],
  ['an image', [version('1')], NONE],
  [
    'an index of one, and one of three',
    [version('1'), member('a', '1'), version('2'), ...['b', 'c', 'd'].map((n) => member(n, '2'))],
    { ...NONE, mostMembers: 3 },
  ],
  [
    'a member of two indexes, which counts at each',
    [version('1'), version('2'), member('a', '1', '2'), member('b', '2')],
    { ...NONE, mostMembers: 2 },
  ],
  [
    'an index of an index, whose members are its own',
    [version('1'), member('2', '1'), member('a', '2'), member('b', '2')],
    { ...NONE, mostMembers: 3 },
  ],
  [
    'a member whose index is not listed, as an attachment',
    [member('a', '1')],
    { ...NONE, most: 1 },
  ],
  [
    'a member of an index of its own image alone',
    [version('1'), { ...member('a', '1'), packageName: 'fedora-43' }],
    { mostMembers: 0 },
  ],
  [
    'signatures of an index and of its member',
    [version('1'), member('a', '1'), signature('5', '1'), signature('6', 'a')],
    { ...NONE, mostOfOne: 2, mostMembers: 1 },
  ],
  [
    'an index of referrers, with its members',
    [version('1'), referrers('2', '1'), member('a', '2'), member('b', '2')],
    { ...NONE, mostOfOne: 3 },
  ],
  [
    'an attestation in an index and among the referrers, as a member',
    [version('1'), member('a', '1'), member('b', '1', '2'), referrers('2', 'a')],
    { ...NONE, mostMembers: 2, mostOfOne: 1 },
  ],
  [
    'an attestation that an index names and nobody has',
    [version('1', { members: [{ digest: digest('b'), platform: undefined }] }), member('a', '1')],
    { ...NONE, mostMembers: 1 },
  ],
  [
    'a referrer without a tag',
    [version('1'), about('2', '1')],
    { ...NONE, mostOfOne: 1, areLoose: true },
  ],
  [
    'the attestation of an image whose index has gone, as a member of that',
    [version('1'), lone('a'), about('b', 'a')],
    { ...NONE, mostMembers: 1 },
  ],
  [
    'a signature of what has gone',
    [version('1'), about('2', '9')],
    { ...NONE, most: 1, areLoose: true },
  ],
  [
    'the image with the most of each',
    [
      ...['1', '2', '3'].map((of) => signature(of, '9')),
      version('4', {}, 'fedora-43'),
      version('5', { tags: [], indexes: [digest('4')] }, 'fedora-43'),
    ],
    { ...NONE, most: 3, mostMembers: 1 },
  ],
])('counted are those of %s', (_, versions, expected) => {
  expect(countAttachments(versions)).toMatchObject(expected);
});

describe('a signature counts', () => {
  const aged = (one: HeldVersion, days: number | undefined) => ({
    ...one,
    uploadedAt: days === undefined ? undefined : inDays(-days),
  });

  test.each<[string, readonly (readonly [HeldVersion, number | undefined])[], object]>([
    [
      'for each publication, where it came before the next one',
      [
        [version('1'), 4],
        [signature('a', '1'), 3],
        [version('2'), 2],
        [signature('b', '2'), 1],
      ],
      { ...NONE, mostOfOne: 1 },
    ],
    [
      'beside them, where it came later',
      [
        [version('1'), 4],
        [version('2'), 3],
        [signature('a', '1'), 2],
        [signature('b', '1'), 1],
      ],
      { ...NONE, most: 2 },
    ],
    [
      'beside them, where nobody knows when it came',
      [
        [version('1'), 2],
        [signature('a', '1'), undefined],
      ],
      { ...NONE, most: 1 },
    ],
    [
      'for its publication, whatever the image of another index came to be since',
      [
        [version('1'), 4],
        [lone('c'), 3],
        [signature('a', '1'), 2],
      ],
      { ...NONE, mostOfOne: 1 },
    ],
  ])('%s', (_, versions, expected) => {
    const all = versions.map(([one, days]) => aged(one, days));
    expect(countAttachments(all)).toEqual(expected);
  });
});

const of = (kind: 'container' | 'copy', ...platforms: string[]) => ({ kind, platforms });

test('a publication of the catalog has an image and an attestation for each platform', () => {
  expect(mostMembers([])).toBe(0);
  expect(mostMembers([of('container', 'a'), of('container', 'a', 'b')])).toBe(4);
  expect(mostMembers([of('container', 'a'), of('copy', 'a')])).toBe(3);
});

test.each([
  // keepNewest x (1 + members + attachments of one) + others
  [NONE, 5, 14],
  [{ ...NONE, mostMembers: 1 }, 10, 14],
  [{ ...NONE, mostMembers: 2, most: 3 }, 18, 14],
  [{ ...NONE, mostMembers: 2, mostOfOne: 1, most: 3 }, 23, 14],
  [{ ...NONE, mostMembers: 2, most: 3, areLoose: true }, 18, 90],
])('%o make 5 newest and 14 days %d and %d', (counts, keepNewest, days) => {
  const retention = someRetention({ keepNewest: 5 });
  const untaggedAfter = days * DAY;
  expect(withAttachments(retention, counts)).toEqual({ ...retention, keepNewest, untaggedAfter });
});

test('what a catalog will publish is counted before, with its signatures', () => {
  const images = [of('container', 'a'), of('container', 'a', 'b')];
  expect(expectedCounts(images, false)).toEqual({ ...NONE, mostMembers: 4 });
  const signed = { mostMembers: 4, mostOfOne: 2, most: 0, areLoose: true };
  expect(expectedCounts(images, true)).toEqual(signed);
  const counted = { mostMembers: 6, mostOfOne: 1, most: 3, areLoose: false };
  expect(largerCounts(counted, signed)).toEqual({ ...signed, mostMembers: 6, most: 3 });
});
