import type { Written, ImagePins } from './read-pins.ts';

/** A value of the catalog that a refresh replaces. */
export interface Change {
  readonly kind: 'base' | 'snapshot' | 'url' | 'checksum';
  readonly written: Written;
  /** What the value becomes, whole. */
  readonly replacement: string;
  /** The digest, date or URL that goes; absent for a base that was not pinned. */
  readonly from?: string;
  readonly to: string;
  readonly why: string;
  /** Names of the images that have the value. */
  readonly images: readonly string[];
}

/** Something that should have changed, and stays as it is. */
export interface Kept {
  readonly kind: Change['kind'];
  /** Absent where nothing is written that could be changed. */
  readonly written?: Written;
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
  readonly images: readonly string[];
}

/** Changes, and what stays although it should have changed. */
export interface Proposal {
  readonly changes: readonly Change[];
  readonly kept: readonly Kept[];
}

/** A value of the catalog, and the images that have it: several by an alias or by the defaults. */
export interface SharedValue {
  readonly written: Written;
  readonly users: readonly ImagePins[];
  readonly names: readonly string[];
  /** Whether an image that is not to change has it too. */
  readonly isOthersToo: boolean;
}

/** Each value that `pick` finds in a chosen image, once, with all of its users. */
export function groupByPlace(
  images: readonly ImagePins[],
  isChosen: (name: string) => boolean,
  pick: (image: ImagePins) => Written | undefined,
): readonly SharedValue[] {
  const groups = Map.groupBy(images, (image) => pick(image)?.start);
  return [...groups.values()].flatMap((users) => {
    const [first] = users;
    const written = first && pick(first);
    const names = users.map(({ name }) => name);
    if (written === undefined || !names.some(isChosen)) return [];
    return [{ written, users, names, isOthersToo: !names.every(isChosen) }];
  });
}

/** Why `--only` leaves such a value alone, for a `Kept`. */
export function sharedWithOthers({ names }: SharedValue, isChosen: (name: string) => boolean) {
  const others = names.filter((name) => !isChosen(name)).join(', ');
  return {
    code: 'SHARED_WITH_OTHERS',
    problem: `the value is that of ${others} as well`,
    remedy: `name ${others} with --only too, or leave --only out`,
  };
}

type Edit = Pick<Change, 'replacement'> & {
  readonly written: Pick<Change['written'], 'value' | 'start' | 'end'>;
};

/**
 * The catalog's text with each change made where the value is written, in the style it is written in;
 * not another character differs. Values and their replacements are references, dates, URLs and checksums,
 * which no style of YAML writes otherwise.
 */
export function applyChanges(text: string, changes: readonly Edit[]): string {
  // From the end, so that the places of those before stay right.
  const inReverse = changes.toSorted((a, b) => b.written.start - a.written.start);
  return inReverse.reduce((before, { written: { value, start, end }, replacement }) => {
    const changed = rewrite(before.slice(start, end), value, replacement);
    return before.slice(0, start) + changed + before.slice(end);
  }, text);
}

function rewrite(source: string, value: string, replacement: string): string {
  // The last one: a block's first line may have a comment that holds it too.
  const at = source.lastIndexOf(value);
  if (at >= 0) return source.slice(0, at) + replacement + source.slice(at + value.length);
  // Double quotes may hold escapes, and a value that is continued on another line.
  if (source.startsWith('"')) return `"${replacement}"`;
  throw new Error(`${JSON.stringify(source)} does not hold ${value}: this is a bug`);
}
