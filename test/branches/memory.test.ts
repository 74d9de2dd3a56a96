import { describe, expect, test } from 'vitest';
import type { Digest, Tag } from '../../src/image-reference.ts';
import {
  changeNeeds,
  forget,
  keptDigests,
  NO_MEMORY,
  remember,
  type Memory,
} from '../../src/branches/memory.ts';
import { keyOf, type VersionNeed } from '../../src/branches/needs.ts';

const DAY = 86_400;
const NOW = new Date('2026-11-24T12:00:00.000Z');
const later = (days: number) => new Date(NOW.getTime() + days * DAY * 1000);

function need(alias: string, tag?: string, image = 'debian-12'): VersionNeed {
  return { image, alias: alias as Tag, ...(tag !== undefined && { tag: tag as Tag }) };
}

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;

/** A memory in which each need has been found at the first look. */
function known(...found: readonly (readonly [VersionNeed, Digest])[]): Memory {
  const needs = found.map(([each]) => each);
  const { memory } = changeNeeds(NO_MEMORY, needs, NOW);
  const digests = new Map(found.map(([each, value]) => [keyOf(each), value]));
  return remember(memory, digests, NO_MEMORY, NOW);
}

describe('what policies keep', () => {
  test('is what is needed, each digest once, in order', () => {
    const memory = known(
      [need('main', 'b'), digest('b')],
      [need('release-1', 'a'), digest('a')],
      [need('release-2', 'a'), digest('a')],
    );
    expect(keptDigests(memory, 0, NOW)).toEqual([digest('a'), digest('b')]);
  });

  test('has nothing for what the registry does not have', () => {
    const { memory } = changeNeeds(NO_MEMORY, [need('main', 'a')], NOW);
    expect(keptDigests(memory, 0, NOW)).toEqual([]);
  });

  test('has what was published later a day later, so that no publication changes policies at once', () => {
    const { memory } = changeNeeds(NO_MEMORY, [need('main', 'a')], NOW);
    const found = remember(memory, new Map([[keyOf(need('main', 'a')), digest('a')]]), memory, NOW);
    expect(keptDigests(found, 0, later(0.99))).toEqual([]);
    expect(keptDigests(found, 0, later(1))).toEqual([digest('a')]);
  });
});

describe('a version whose last reference goes', () => {
  const memory = known([need('main', 'a'), digest('a')], [need('release-1', 'a'), digest('a')]);

  test('is kept for the grace period from then on, not from its upload', () => {
    const change = changeNeeds(memory, [], later(100));
    expect(change.orphans).toEqual([
      { image: 'debian-12', digest: digest('a'), since: later(100).toISOString() },
    ]);
    expect(keptDigests(change.memory, 30 * DAY, later(129.99))).toEqual([digest('a')]);
    expect(keptDigests(change.memory, 30 * DAY, later(130))).toEqual([]);
  });

  test('is none while another branch needs it', () => {
    const change = changeNeeds(memory, [need('main', 'a')], later(1));
    expect(change.orphans).toEqual([]);
    expect(change.dropped.map(({ alias }) => alias)).toEqual(['release-1']);
  });

  test('loses its alias only where that stands for nothing any more', () => {
    const change = changeNeeds(memory, [need('main', 'b'), need('release-1', 'a')], later(1));
    expect(change.dropped).toEqual([]);
  });

  test('is needed again as if nothing had been', () => {
    const gone = changeNeeds(memory, [], later(1)).memory;
    const back = changeNeeds(gone, [need('main', 'a')], later(2));
    const found = remember(
      back.memory,
      new Map([[keyOf(need('main', 'a')), digest('a')]]),
      gone,
      later(2),
    );
    expect(forget(found, 30 * DAY, later(2)).unreferenced).toEqual([]);
    expect(keptDigests(found, 30 * DAY, later(2))).toEqual([digest('a')]);
  });

  test('counts from its last time when it is given up twice', () => {
    const first = changeNeeds(memory, [], later(1)).memory;
    const again = remember(
      changeNeeds(first, [need('main', 'a')], later(2)).memory,
      new Map([[keyOf(need('main', 'a')), digest('a')]]),
      first,
      later(2),
    );
    const { unreferenced } = changeNeeds(again, [], later(10)).memory;
    expect(unreferenced.map(({ since }) => since)).toEqual([later(10).toISOString()]);
  });

  test('is forgotten after its grace period', () => {
    const { memory: gone } = changeNeeds(memory, [], NOW);
    expect(forget(gone, 30 * DAY, later(29)).unreferenced).toHaveLength(1);
    expect(forget(gone, 30 * DAY, later(30)).unreferenced).toEqual([]);
  });
});

test('a pin stays at the version that it was found at', () => {
  const pin = need('release-1');
  const memory = known([pin, digest('a')]);
  const again = changeNeeds(memory, [pin], later(1)).memory;
  const found = remember(again, new Map([[keyOf(pin), digest('b')]]), memory, later(1));
  expect(found.versions).toMatchObject([{ digest: digest('a') }]);
});
