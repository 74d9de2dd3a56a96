import { describe, expect, test } from 'vitest';
import type { Digest } from '../../src/image-reference.ts';
import {
  addDigests,
  changeNeeds,
  endGrace,
  graceStart,
  joinGrace,
  keptDigests,
  keyOf,
  NONE_TRACKED,
  type NeededVersion,
  type TrackedVersions,
} from '../../src/branches/grace-period.ts';
import { DAY, digest, inDays as later, NOW, tag } from '../retention/retention-fixture.ts';

const GRACE = 30 * DAY;
const [A, B] = [digest('a'), digest('b')];

function need(alias: string, version?: string): NeededVersion {
  return {
    image: 'debian-12',
    alias: tag(alias),
    tag: version === undefined ? version : tag(version),
  };
}

type Found = readonly (readonly [NeededVersion, Digest])[];

/** What is tracked after a change to the needs, and a lookup that found these digests. */
function changed(before: TrackedVersions, found: Found, now: Date): TrackedVersions {
  const tracked = changeNeeds(
    before,
    found.map(([each]) => each),
    now,
  );
  const digests = new Map(found.map(([each, value]) => [keyOf(each), value]));
  return addDigests(tracked, digests, now);
}

const ended = (tracked: TrackedVersions, day: number) =>
  endGrace(tracked, GRACE, later(day)).tracked;

const known = (...found: Found) => changed(NONE_TRACKED, found, NOW);

describe('what policies keep', () => {
  test('is what is needed, each digest once, in order', () => {
    const { versions } = known(
      [need('main', 'b'), B],
      [need('r-1', 'a'), A],
      [need('r-2', 'a'), A],
    );
    expect(keptDigests({ ...NONE_TRACKED, versions }, 0, NOW, [])).toEqual([A, B]);
  });

  test.each([
    ['as soon as a branch needs it', undefined, 0, true],
    [
      'not at once when it was missing, so that no publication changes policies twice',
      0,
      0.99,
      false,
    ],
    ['a day after it was missing', 0, 1, true],
    ['when it is found later than that', -2, 0, true],
    ['at once when it was missing at a time yet to come', 60, 1, true],
  ])('has a version %s', (_, missed, day, isKept) => {
    const tracked = changeNeeds(NONE_TRACKED, [need('main', 'a')], NOW);
    const looked = missed === undefined ? tracked : addDigests(tracked, new Map(), later(missed));
    expect(keptDigests(looked, 0, later(1000), [])).toEqual([]);
    const found = changed(looked, [[need('main', 'a'), A]], NOW);
    expect(keptDigests(found, 0, later(day), [])).toEqual(isKept ? [A] : []);
    // As one in its grace period that is needed again.
    expect(keptDigests(found, 0, later(day), [A])).toEqual([A]);
  });
});

describe('a version whose last reference goes', () => {
  const both = known([need('main', 'a'), A], [need('release-1', 'a'), A]);

  test('is kept for the grace period from then on, not from its upload', () => {
    const tracked = changeNeeds(both, [], later(100));
    expect(tracked.unreferenced).toEqual([
      { image: 'debian-12', digest: A, since: later(100).toISOString() },
    ]);
    expect(ended(tracked, 129.99).unreferenced).toMatchObject([{ endedAt: undefined }]);
  });

  test('goes when two runs, a day apart, find that its grace period is over', () => {
    const tracked = changeNeeds(both, [], later(100));
    const first = ended(tracked, 130);
    expect(first.unreferenced).toMatchObject([{ endedAt: later(130).toISOString() }]);
    expect(keptDigests(first, GRACE, later(130.99), [])).toEqual([A]);
    expect(keptDigests(first, GRACE, later(131), [])).toEqual([]);
    expect(ended(first, 131).unreferenced).toEqual([]);
  });

  test('is kept by one run with a clock that is ahead, and loses no alias', () => {
    const tracked = changeNeeds(both, [], later(0));
    const ahead = ended(tracked, 60);
    expect(keptDigests(ahead, GRACE, later(60), [])).toEqual([A]);
    // The runs after it: in the grace period, and first past it.
    const next = ended(ahead, 1);
    expect(next).toEqual(tracked);
    expect(ended(ahead, 30)).toEqual(ended(tracked, 30));
    expect(endGrace(next, GRACE, later(31)).ended).toEqual([]);
  });

  test('counts from the newest time that is known, where the clock is behind', () => {
    const tracked = changeNeeds(both, [], later(100));
    const wrong = later(3000).toISOString();
    expect(graceStart(tracked, later(40), [later(90).toISOString(), wrong])).toEqual(later(100));
    expect(graceStart(tracked, later(40), [later(101).toISOString()])).toEqual(later(101));
    expect(graceStart(tracked, later(102), [])).toEqual(later(102));
  });

  test('has a second of its own for its marker', () => {
    const two = known([need('main', 'a'), A], [need('release-1', 'b'), B]);
    const times = changeNeeds(two, [], later(0)).unreferenced.map(({ since }) => since);
    expect(times).toEqual([later(0).toISOString(), later(1 / DAY).toISOString()]);
  });

  test('is none while another branch needs it', () => {
    const tracked = changeNeeds(both, [need('main', 'a')], later(1));
    expect(tracked.unreferenced).toEqual([]);
    expect(tracked.formerAliases).toMatchObject([{ alias: 'release-1', digest: A }]);
  });

  test('keeps the alias through the grace period, if that stands for nothing else', () => {
    const tracked = changeNeeds(both, [need('main', 'b')], later(1));
    expect(tracked.formerAliases).toMatchObject([{ alias: 'release-1' }]);
    expect(endGrace(ended(tracked, 31), GRACE, later(32))).toMatchObject({
      tracked: { formerAliases: [] },
      ended: [{ alias: 'release-1', digest: A }],
    });
    const back = changeNeeds(tracked, [need('main', 'b'), need('release-1', 'a')], later(2));
    expect(back.formerAliases).toEqual([]);
  });

  test('is needed again as if nothing had been, and its grace counts from the last time', () => {
    const gone = changeNeeds(both, [], later(1));
    const back = changed(gone, [[need('main', 'a'), A]], later(2));
    expect(ended(back, 2).unreferenced).toEqual([]);
    expect(keptDigests(back, GRACE, later(2), [])).toEqual([A]);
    const { unreferenced } = changeNeeds(back, [], later(10));
    expect(unreferenced.map(({ since }) => since)).toEqual([later(10).toISOString()]);
  });
});

test('markers in the registry add what is in its grace period, and the later time counts', () => {
  const tracked = changeNeeds(known([need('main', 'a'), A]), [], later(1));
  const marked = [A, B].map((digest) => {
    return { image: 'debian-12', digest, since: later(2).toISOString() };
  });
  expect(joinGrace(tracked, marked).unreferenced).toEqual(marked);
  expect(joinGrace(joinGrace(NONE_TRACKED, marked), tracked.unreferenced).unreferenced).toEqual(
    marked,
  );
  expect(joinGrace(known([need('main', 'a'), A]), marked.slice(0, 1)).unreferenced).toEqual([]);
});

test('another need of a known immutable tag is a need of the known version, whatever the tag names now', () => {
  const version = '0123456789abcdef0123456789abcdef';
  const known = need('main', version);
  const before = { ...NONE_TRACKED, versions: [{ ...known, digest: A }] };
  const tracked = changeNeeds(before, [known, need('release-1', version)], NOW);
  expect(tracked.versions.map(({ digest: found }) => found)).toEqual([A, A]);
});

test('a pin stays at the version that it was found at', () => {
  const pin = need('release-1');
  const found = changed(known([pin, A]), [[pin, B]], later(1));
  expect(found.versions).toMatchObject([{ digest: A }]);
});
