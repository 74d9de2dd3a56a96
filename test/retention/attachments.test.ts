import { expect, test } from 'vitest';
import { countAttachments, withAttachments } from '../../src/retention/attachments.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { DAY, digest, held, someRetention } from './retention-fixture.ts';

const version = (name: string, rest: Partial<HeldVersion> = {}, image = 'debian-12') =>
  held(image, 1, { digest: digest(name), tags: [`v${name}`], ...rest });
const member = (name: string, ...indexes: readonly string[]) =>
  version(name, { tags: [], indexes: indexes.map(digest) });
const signature = (name: string, of: string) =>
  version(name, { tags: [`sha256-${digest(of).slice(7)}.sig`] });
const referrers = (name: string, of: string) =>
  version(name, { tags: [`sha256-${digest(of).slice(7)}`] });

test.each<[string, readonly HeldVersion[], object]>([
  ['nothing', [], { most: 0, areLoose: false, mostMembers: 0 }],
  ['an image', [version('1')], { most: 0, areLoose: false, mostMembers: 0 }],
  [
    'an index of one, and one of three',
    [version('1'), member('a', '1'), version('2'), ...['b', 'c', 'd'].map((n) => member(n, '2'))],
    { most: 0, areLoose: false, mostMembers: 3 },
  ],
  [
    'a member of two indexes, which counts at each',
    [version('1'), version('2'), member('a', '1', '2'), member('b', '2')],
    { most: 0, mostMembers: 2 },
  ],
  [
    'an index of an index, whose members are its own',
    [version('1'), member('2', '1'), member('a', '2'), member('b', '2')],
    { most: 0, mostMembers: 3 },
  ],
  [
    'a member whose index is not listed, as an attachment',
    [member('a', '1')],
    { most: 1, areLoose: false, mostMembers: 0 },
  ],
  [
    'a member of an index of its own image alone',
    [version('1'), { ...member('a', '1'), packageName: 'fedora-43' }],
    { mostMembers: 0 },
  ],
  [
    'signatures of an index and of its member',
    [version('1'), member('a', '1'), signature('5', '1'), signature('6', 'a')],
    { most: 2, areLoose: false, mostMembers: 1 },
  ],
  [
    'an index of referrers, with its members',
    [version('1'), referrers('2', '1'), member('a', '2'), member('b', '2')],
    { most: 3, areLoose: false, mostMembers: 0 },
  ],
  [
    'a referrer without a tag',
    [version('1'), version('2', { tags: [], subjects: [digest('1')] })],
    { most: 1, areLoose: true, mostMembers: 0 },
  ],
  [
    'the image with the most of each',
    [
      ...['1', '2', '3'].map((of) => signature(of, '9')),
      version('4', {}, 'fedora-43'),
      version('5', { tags: [], indexes: [digest('4')] }, 'fedora-43'),
    ],
    { most: 3, mostMembers: 1 },
  ],
])('counted are those of %s', (_, versions, expected) => {
  expect(countAttachments(versions)).toMatchObject(expected);
});

test.each([
  // keepNewest x (1 + members) + attachments
  [{ most: 0, areLoose: false, mostMembers: 0 }, 5, 14],
  [{ most: 0, areLoose: false, mostMembers: 1 }, 10, 14],
  [{ most: 3, areLoose: false, mostMembers: 2 }, 18, 14],
  [{ most: 3, areLoose: true, mostMembers: 2 }, 18, 90],
])('%o make 5 newest and 14 days %d and %d', (counts, keepNewest, days) => {
  const retention = someRetention({ keepNewest: 5 });
  const untaggedAfter = days * DAY;
  expect(withAttachments(retention, counts)).toEqual({ ...retention, keepNewest, untaggedAfter });
});
