import fc from 'fast-check';
import { entry, NEW, OLD } from './some-catalog.ts';

/** How a value is written, and how once it is another one. */
interface Style {
  readonly first: (value: string) => string;
  readonly changed: (value: string, was: string) => string;
  readonly isBlock: boolean;
}

/** A value of a catalog: what it is at first, and how it is written. */
export interface Slot extends Style {
  readonly value: string;
}

/** A catalog by its parts, so that its text is known for whatever its values become. */
export type AnyCatalog = readonly (string | Slot)[];

/** The text of a catalog with the values that `become` gives for those that are there at first. */
export function render(
  catalog: AnyCatalog,
  become: (value: string) => string = (value) => value,
): string {
  const parts = catalog.map((part) => {
    if (typeof part === 'string') return part;
    const value = become(part.value);
    return value === part.value ? part.first(value) : part.changed(value, part.value);
  });
  return parts.join('');
}

function style(write: (value: string) => string, isBlock = false): Style {
  return { first: write, changed: write, isBlock };
}

const PLAIN: readonly Style[] = [
  style((value) => value),
  style((value) => `'${value}'`),
  style((value) => `"${value}"`),
];

/** What is not written as it reads is written anew, in the quotes it has. */
const INLINE: readonly Style[] = [
  ...PLAIN,
  { ...style((value) => `"\\x64${value.slice(1)}"`), changed: (value) => `"${value}"` },
];

const ALL: readonly Style[] = [
  ...INLINE,
  style((value) => `>-\n        ${value}`, true),
  // The comment holds what the value was.
  {
    first: (value) => `|- # ${value}\n        ${value}\n`,
    changed: (value, was) => `|- # ${was}\n        ${value}\n`,
    isBlock: true,
  },
  {
    first: (value) => `"${value.slice(0, 9)}\\\n        ${value.slice(9)}"`,
    changed: (value) => `"${value}"`,
    isBlock: false,
  },
];

export const BASES = ['docker.io/library/debian:12', 'docker.io/a/b:1.2-x', 'docker.io/a/c:4'];
export const OLD_DAY = '2026-01-31';

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
export const anyCatalog: fc.Arbitrary<AnyCatalog> = fc
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
    return [...head, '\n  snapshotMaxAge: 30d\n\nimages:\n', ...entries, foot].map((part) =>
      typeof part === 'string' ? part.replaceAll('\n', ends) : withEnds(part, ends),
    );
  });

function withEnds(slot: Slot, ends: string): Slot {
  const first = (value: string) => slot.first(value).replaceAll('\n', ends);
  const changed = (value: string, was: string) => slot.changed(value, was).replaceAll('\n', ends);
  return { ...slot, first, changed };
}

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
    const isBlock = isBase && base.some((part) => typeof part !== 'string' && part.isBlock);
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
