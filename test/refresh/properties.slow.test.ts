import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCatalog, BASES, OLD_DAY, render } from './any-catalog-text.ts';
import { NEW, OLD, refreshed, tagsOf, TODAY } from './some-catalog.ts';

/** What each base's tag names now; nobody knows those that are left out. */
const anyUpstream = fc.dictionary(fc.constantFrom(...BASES), fc.constantFrom(OLD, NEW), {
  noNullPrototype: true,
});

describe('whatever is written, and in whatever style', () => {
  test('each value becomes what it should, every other byte stays, and a second refresh changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyCatalog, anyUpstream, async (catalog, upstream) => {
        const { text } = await refreshed(render(catalog), upstream);
        const expected = render(catalog, (value) => {
          if (value === OLD_DAY) return TODAY;
          const [base = ''] = value.split('@');
          return upstream[base] === undefined ? value : `${base}@${upstream[base]}`;
        });
        expect(text).toBe(expected);
        const again = await refreshed(text, upstream);
        expect(again).toMatchObject({ text, edits: [], tags: [] });
      }),
      { numRuns: 300 },
    );
  });

  test('--only changes no tag of another image', async () => {
    const anyName: fc.Arbitrary<string> = fc.constantFrom('i0', 'i1', 'i2');
    const anyNames = fc.uniqueArray(anyName, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(anyCatalog, anyNames, async (catalog, names) => {
        const before = render(catalog);
        const only = names.filter((name) => before.includes(`name: ${name}`));
        fc.pre(only.length > 0);
        const upstream = Object.fromEntries(BASES.map((base) => [base, NEW]));
        const { text, tags } = await refreshed(before, upstream, { only });
        const changed = tags.map(({ image }) => image);
        expect(only).toEqual(expect.arrayContaining(changed));
        expect(tagsOf(text)).toMatchObject(
          Object.fromEntries(
            Object.entries(tagsOf(before)).filter(([name]) => !only.includes(name)),
          ),
        );
      }),
      { numRuns: 100 },
    );
  });
});
