import { describe, expect, test } from 'vitest';
import { entry, NEW, OLD, refreshed, TODAY } from './some-catalog.ts';

const BASE = 'docker.io/library/debian:12';
const FRESH = { [BASE]: OLD };

/** A catalog whose defaults and second image have snapshots: `a` has the defaults', `b` its own. */
function catalog(defaults: string, own = ''): string {
  const entries = [entry('a', `${BASE}@${OLD}`), entry('b', `${BASE}@${OLD}`, own)];
  return `defaults: { ${defaults} }\nimages:\n${entries.join('')}`;
}

describe('a snapshot moves when it is older than snapshotMaxAge', () => {
  test.each([
    // 2026-11-24 - 2026-10-25 = 30 days
    { snapshot: '2026-10-25', maxAge: ', snapshotMaxAge: 30d', moves: false },
    { snapshot: '2026-10-24', maxAge: ', snapshotMaxAge: 30d', moves: true },
    { snapshot: '2026-10-27', maxAge: ', snapshotMaxAge: 4w', moves: false },
    { snapshot: '2026-10-26', maxAge: ', snapshotMaxAge: 4w', moves: true },
    { snapshot: '2027-01-01', maxAge: ', snapshotMaxAge: 1d', moves: false },
    { snapshot: '2001-01-01', maxAge: '', moves: false },
  ])('$snapshot with "$maxAge": $moves', async ({ snapshot, maxAge, moves }) => {
    const text = catalog(`snapshot: ${snapshot}${maxAge}`);
    const { text: after } = await refreshed(text, FRESH);
    expect(after).toBe(moves ? text.replace(snapshot, TODAY) : text);
  });

  test('each where it is written, by the age that its image allows', async () => {
    const text = catalog(
      'snapshot: 2026-11-01, snapshotMaxAge: 30d',
      ', snapshot: "2026-11-02", snapshotMaxAge: 7d',
    );
    const { text: after, edits } = await refreshed(text, FRESH);
    expect(after).toBe(text.replace('"2026-11-02"', `"${TODAY}"`));
    expect(edits).toMatchObject([
      { kind: 'snapshot', images: ['b'], why: '22 days old, and 7 are allowed' },
    ]);
  });

  test('by the least age that those who share it allow', async () => {
    const text = catalog('snapshot: 2026-11-01, snapshotMaxAge: 30d', ', snapshotMaxAge: 1w');
    const { text: after, edits } = await refreshed(text, FRESH);
    expect(after).toBe(text.replace('2026-11-01', TODAY));
    expect(edits).toMatchObject([{ images: ['a', 'b'] }]);
  });

  test('but not where an image shares it that --only does not name', async () => {
    const text = catalog('snapshot: 2026-01-01, snapshotMaxAge: 30d');
    expect(await refreshed(text, FRESH, { only: ['a'] })).toMatchObject({ text, kept: [] });
  });
});

describe('a snapshot moves when that is asked for', () => {
  const dates = { today: TODAY, moveTo: '2026-11-20' };
  const one = catalog('snapshot: 2026-11-01');

  test('in the defaults and at images, to the very day', async () => {
    const text = catalog('snapshot: 2026-11-01', ", snapshot: '2026-11-22'");
    const { text: after, edits } = await refreshed(text, FRESH, { dates });
    expect(after).toBe(text.replaceAll(/2026-11-(?:01|22)/g, '2026-11-20'));
    expect(edits.map(({ why, images }) => [why, images])).toEqual([
      ['requested', ['a']],
      ['requested', ['b']],
    ]);
  });

  test('together with bases', async () => {
    const { text, tags } = await refreshed(one, { [BASE]: NEW }, { dates });
    expect(text).toBe(one.replace('2026-11-01', '2026-11-20').replaceAll(OLD, NEW));
    expect(tags.map(({ image }) => image)).toEqual(['a', 'b']);
  });

  test.each([
    ['an image shares it that --only does not name', 'SHARED_WITH_OTHERS', one, ['a']],
    ['no image has one', 'NO_SNAPSHOT', catalog(''), []],
  ])('and is kept where %s', async (_, code, text, only) => {
    const refresh = await refreshed(text, FRESH, { dates, only });
    expect(refresh).toMatchObject({ text, kept: [{ kind: 'snapshot', code }] });
  });
});
