import type { Problem } from '../problem.ts';
import type { ImagePins, Written } from './read-pins.ts';

/** A value of the catalog that a refresh replaces; or, as a `disk`, an entry that it adds from a list. */
export interface CatalogEdit {
  readonly kind:
    | 'base'
    | 'from'
    | 'snapshot'
    | 'url'
    | 'checksum'
    | 'version'
    | 'importedFrom'
    | 'disk';
  /** The old value and its place. */
  readonly written: Written;
  /** The new value, whole. */
  readonly replacement: string;
  /** The old digest, date, URL or checksum; absent for a reference that was not pinned. */
  readonly from?: string;
  /** The new digest, date, URL or checksum, which is a part of `replacement` for a reference. */
  readonly to: string;
  /** Names of the images that share the value. */
  readonly images: readonly string[];
  /** The reason; absent for an edit that was found by comparing two texts. */
  readonly why?: string;
}

/** A value that should have changed, and stays. */
export interface KeptValue extends KeptReason {
  readonly kind: CatalogEdit['kind'];
  /** Absent when the catalog has no value to change. */
  readonly written?: Written;
  readonly images: readonly string[];
}

/** Why a value stays. */
export type KeptReason = Pick<Problem, 'code' | 'problem' | 'remedy'>;

/** The result for a stale value: it is replaced, or it stays. */
export type ValueOutcome = CatalogEdit | KeptValue;

/** Whether an image is to be refreshed, by its name. */
export type IsChosen = (name: string) => boolean;

/** A value of the catalog and the images that have it: several by an alias or by the defaults. */
export interface SharedValue {
  readonly written: Written;
  readonly users: readonly ImagePins[];
  readonly names: readonly string[];
  /** The names of those users that are not to change. */
  readonly others: readonly string[];
}

/** Each value that `pick` finds in a chosen image, once, with all of its users. */
export function groupByPlace(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  pick: (image: ImagePins) => Written | undefined,
): readonly SharedValue[] {
  const groups = Map.groupBy(images, (image) => pick(image)?.start);
  return [...groups.values()].flatMap((users) => {
    const written = users[0] && pick(users[0]);
    const names = users.map(({ name }) => name);
    if (written === undefined || !names.some(isChosen)) return [];
    return [{ written, users, names, others: names.filter((name) => !isChosen(name)) }];
  });
}

/** Why `--only` keeps a value. */
export function sharedWithOthers({ others }: SharedValue): KeptReason {
  const list = others.join(', ');
  return {
    code: 'SHARED_WITH_OTHERS',
    problem: `the value is that of ${list} as well`,
    remedy: `name ${list} with --only too, or leave --only out`,
  };
}

/**
 * The catalog's text with each value replaced in place, in the style that it is written in. No other
 * character changes. The values are references, dates, URLs and checksums, which every style of YAML
 * writes alike.
 */
export function applyEdits(text: string, edits: readonly CatalogEdit[]): string {
  // From the end, so that the places of earlier values stay right.
  const inReverse = edits.toSorted((a, b) => b.written.start - a.written.start);
  return inReverse.reduce((before, { written: { value, start, end }, replacement }) => {
    const edited = rewrite(before.slice(start, end), value, replacement);
    return before.slice(0, start) + edited + before.slice(end);
  }, text);
}

function rewrite(written: string, value: string, replacement: string): string {
  // The last one: a comment in a block's first line may hold the value, too.
  const at = written.lastIndexOf(value);
  if (at >= 0) return written.slice(0, at) + replacement + written.slice(at + value.length);
  // Double quotes may hold escapes, and a value that continues on another line.
  if (written.startsWith('"')) return `"${replacement}"`;
  throw new Error(`${JSON.stringify(written)} does not hold ${value}: this is a bug`);
}
