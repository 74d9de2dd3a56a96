import { describe, expect, test } from 'vitest';
import type { Digest } from '../../src/image-reference.ts';
import {
  addDigests,
  changeNeeds,
  endGrace,
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
  const { tracked } = changeNeeds(
    before,
    found.map(([each]) => each),
    now,
  );
  const digests = new Map(found.map(([each, value]) => [keyOf(each), value]));
  return addDigests(tracked, digests, before, now);
}

const known = (...found: Found) => changed(NONE_TRACKED, found, NOW);

describe('what policies keep', () => {
  test('is what is needed, each digest once, in order', () => {
    const { versions } = known(
      [need('main', 'b'), B],
      [need('r-1', 'a'), A],
      [need('r-2', 'a'), A],
    );
    expect(keptDigests({ ...NONE_TRACKED, versions }, 0, NOW)).toEqual([A, B]);
  });

  test('has what was missing a day after it was found, so that no publication changes policies at once', () => {
    const { tracked } = changeNeeds(NONE_TRACKED, [need('main', 'a')], NOW);
    expect(keptDigests(tracked, 0, NOW)).toEqual([]);
    const found = changed(tracked, [[need('main', 'a'), A]], NOW);
    expect(keptDigests(found, 0, later(0.99))).toEqual([]);
    expect(keptDigests(found, 0, later(1))).toEqual([A]);
  });
});

describe('a version whose last reference goes', () => {
  const both = known([need('main', 'a'), A], [need('release-1', 'a'), A]);

  test('is kept for the grace period from then on, not from its upload', () => {
    const { orphans, tracked } = changeNeeds(both, [], later(100));
    expect(orphans).toEqual([{ image: 'debian-12', digest: A, since: later(100).toISOString() }]);
    expect(keptDigests(tracked, GRACE, later(129.99))).toEqual([A]);
    expect(endGrace(tracked, GRACE, later(129.99)).unreferenced).toHaveLength(1);
    expect(keptDigests(tracked, GRACE, later(130))).toEqual([]);
    expect(endGrace(tracked, GRACE, later(130)).unreferenced).toEqual([]);
  });

  test('is none while another branch needs it', () => {
    const { orphans, dropped } = changeNeeds(both, [need('main', 'a')], later(1));
    expect(orphans).toEqual([]);
    expect(dropped.map(({ alias }) => alias)).toEqual(['release-1']);
  });

  test('loses its alias only where that stands for nothing any more', () => {
    const { dropped } = changeNeeds(both, [need('main', 'b'), need('release-1', 'a')], later(1));
    expect(dropped).toEqual([]);
  });

  test('is needed again as if nothing had been, and its grace counts from the last time', () => {
    const gone = changeNeeds(both, [], later(1)).tracked;
    const back = changed(gone, [[need('main', 'a'), A]], later(2));
    expect(endGrace(back, GRACE, later(2)).unreferenced).toEqual([]);
    expect(keptDigests(back, GRACE, later(2))).toEqual([A]);
    const { unreferenced } = changeNeeds(back, [], later(10)).tracked;
    expect(unreferenced.map(({ since }) => since)).toEqual([later(10).toISOString()]);
  });
});

test('a pin stays at the version that it was found at', () => {
  const pin = need('release-1');
  const found = changed(known([pin, A]), [[pin, B]], later(1));
  expect(found.versions).toMatchObject([{ digest: A }]);
});
