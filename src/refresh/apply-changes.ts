import type { Change } from './change.ts';

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
