import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entry, NEW, OLD, refreshed, tagsOf, TODAY } from './some-catalog.ts';

/** How a value is written where `was` is the value at first. */
interface Style {
  readonly write: (value: string, was: string) => string;
  readonly isBlock?: true;
}

/** A value of a catalog: the one at first, and how it is written. */
interface Slot extends Style {
  readonly value: string;
}

/** A catalog by its parts, so that its text is known for whatever its values become. */
type AnyCatalog = readonly (string | Slot)[];

/** The text of a catalog with the values that `become` gives for those that are there at first. */
function render(catalog: AnyCatalog, become: (value: string) => string = (value) => value): string {
  const parts = catalog.map((part) =>
    typeof part === 'string' ? part : part.write(become(part.value), part.value),
  );
  return parts.join('');
}

const PLAIN: readonly Style[] = [
  { write: (value) => value },
  { write: (value) => `'${value}'` },
  { write: (value) => `"${value}"` },
];

/** A value that is not written as it reads is written anew, in its quotes. */
const escaped = (escape: (value: string) => string): Style => ({
  write: (value, was) => `"${value === was ? escape(value) : value}"`,
});

const INLINE: readonly Style[] = [...PLAIN, escaped((value) => `\\x64${value.slice(1)}`)];

const ALL: readonly Style[] = [
  ...INLINE,
  { write: (value) => `>-\n        ${value}`, isBlock: true },
  // The comment holds the value at first.
  { write: (value, was) => `|- # ${was}\n        ${value}\n`, isBlock: true },
  escaped((value) => `${value.slice(0, 9)}\\\n        ${value.slice(9)}`),
];

const BASES = ['docker.io/library/debian:12', 'docker.io/a/b:1.2-x', 'docker.io/a/c:4'];
const OLD_DAY = '2026-01-31';

const NOISE = ['', '', '\n', '    # base: no\n', '# "quoted" &a *a\n\n'];
const TAILS = ['', '', ' # a comment with @sha256:', '   '];

const anyImage = fc.record({
  base: fc.constantFrom(...BASES),
  pin: fc.constantFrom('', `@${OLD}`, `@${NEW}`),
  isAlias: fc.boolean(),
  isAnchor: fc.boolean(),
  isFlow: fc.boolean(),
  inline: fc.constantFrom(...INLINE),
  style: fc.constantFrom(...ALL),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
  noise: fc.array(fc.constantFrom(...NOISE), { minLength: 6, maxLength: 6 }),
  tail: fc.constantFrom(...TAILS),
  snapshot: fc.option(fc.constantFrom(...PLAIN), { nil: undefined }),
});

type AnyImage = typeof anyImage extends fc.Arbitrary<infer Image> ? Image : never;

/** Catalogs of up to five images, with comments, anchors, aliases, blank lines and quotes anywhere. */
const anyCatalog: fc.Arbitrary<AnyCatalog> = fc
  .record({
    images: fc.array(anyImage, { minLength: 1, maxLength: 5 }),
    snapshot: fc.constantFrom(...PLAIN),
    ends: fc.constantFrom('\n', '\r\n'),
    foot: fc.constantFrom(...NOISE),
  })
  .map(({ images, snapshot, ends, foot }) => {
    const head = ['# head\ndefaults:\n  snapshot: ', { ...snapshot, value: OLD_DAY }];
    const entries = images.flatMap((image, at) => entryOf(image, at, images));
    // A snapshot of the defaults that no image has would be left alone.
    entries.push(entry('last', `docker.io/library/debian@${OLD}`));
    const withEnds = (text: string) => text.replaceAll('\n', ends);
    return [...head, '\n  snapshotMaxAge: 30d\n\nimages:\n', ...entries, foot].map((part) =>
      typeof part === 'string'
        ? withEnds(part)
        : { ...part, write: (value, was) => withEnds(part.write(value, was)) },
    );
  });

function entryOf(image: AnyImage, at: number, images: readonly AnyImage[]): AnyCatalog {
  const shared = images.findLastIndex((other, index) => index < at && isAnchor(other));
  const base: AnyCatalog =
    image.isAlias && shared >= 0
      ? [`*b${shared}`]
      : [isAnchor(image) ? `&b${at} ` : '', slotOf(image, `${image.base}${image.pin}`)];
  const snapshot: AnyCatalog =
    image.snapshot === undefined
      ? ['# none']
      : ['snapshot: ', { ...image.snapshot, value: OLD_DAY }];
  const fields: readonly AnyCatalog[] = [
    [`name: i${at}`],
    ['distribution: debian'],
    ['version: "12"'],
    ['context: contexts/apt'],
    ['base: ', ...base],
  ];
  if (image.isFlow) {
    const written = fields.flatMap((field, index) => (index === 0 ? field : [', ', ...field]));
    return ['  - { ', ...written, ' }', image.tail, '\n'];
  }
  const lines = [...fields, snapshot].map((_, position) => {
    const index = image.order[position] ?? position;
    return { field: [...fields, snapshot][index] ?? [], isBase: index === 4 };
  });
  return lines.flatMap(({ field, isBase }, index) => {
    const isBlock =
      isBase && base.some((part) => typeof part !== 'string' && part.isBlock === true);
    const tail = isBlock ? '' : image.tail;
    return [index === 0 ? '  - ' : '    ', ...field, tail, '\n', image.noise[index] ?? ''];
  });
}

/** YAML gives no anchors to aliases. */
function isAnchor({ isAlias, isAnchor }: AnyImage): boolean {
  return isAnchor && !isAlias;
}

function slotOf({ isFlow, inline, style }: AnyImage, value: string): Slot {
  return { ...(isFlow ? inline : style), value };
}

/** The digests that tags name now; the lookup of other bases fails. */
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
