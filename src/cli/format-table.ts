import Table from 'cli-table3';
import { isImmutable, isPlatformTag } from '../image-reference.ts';

/** A table without colours and without lines between its rows, so that it can be searched and pasted. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, '');
}

/** The names of the characters that a table draws its lines with. */
const LINES =
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle';
const NO_LINES = Object.fromEntries(LINES.split(' ').map((name) => [name, '']));

/** An immutable tag, or the one that begins a platform tag, by the first digits; other tags as they are. */
export function shortTag(tag: string): string {
  if (isImmutable(tag)) return tag.slice(0, 12);
  return isPlatformTag(tag) ? tag.slice(0, 12) + tag.slice(32) : tag;
}
