import { editAsJson } from './format-proposal.ts';
import { shortValue } from './format-refresh.ts';
import { formatTable } from './format-table.ts';
import type { CatalogEdit } from '../refresh/edits.ts';
import { GONE, type ListDifferences } from '../refresh/lists/compare-list.ts';

/** A table of the differences, and what to do about those that a person decides. */
export function formatDifferences(
  file: string,
  { added, edits, onlyInCatalog, declaredOtherwise, moving, older }: ListDifferences,
  isCheck: boolean,
): string {
  const changes = edits.filter(({ kind }) => kind !== 'disk');
  const gone = namesOf(changes.filter(isGone));
  const rows = [...added.map(({ name, url }) => [name, 'new', '-', url]), ...changes.map(rowOf)];
  const counts = [
    count(added.length, 'disk', isCheck ? 'new' : 'added'),
    count(changes.length - gone.length, 'value', isCheck ? 'different' : 'changed'),
    count(gone.length, 'disk', isCheck ? 'gone' : 'marked as gone'),
  ].filter((part) => part !== '');
  const ending =
    rows.length === 0
      ? `${file} has what the list has.`
      : `${file}: ${counts.join(', ')}${isCheck ? '; nothing is written' : ''}.`;
  const notes = [
    note(
      gone,
      'Gone from the list, and kept, since a branch may need them',
      'Delete an entry once `npm run -s images -- references` names no branch that needs it.',
    ),
    note(older, 'The list has an older build, which `images refresh` does not take'),
    note(moving, "The list's address moves, and any build is right"),
    note(declaredOtherwise, 'In the list, but no VM disk for linux/amd64 here, and left alone'),
    note(onlyInCatalog, 'Not in the list, and left alone'),
  ];
  const table =
    rows.length === 0 ? [] : [formatTable(['IMAGE', 'WHAT', 'CATALOG', 'LIST'], rows), ''];
  return [...table, ending, ...notes.flat()].join('\n');
}

/** The lists of `differences` in the catalog's and the list's words; `from` is null for a new disk. */
export function differencesAsJson(
  file: string,
  { added, edits, onlyInCatalog, declaredOtherwise, moving, older }: ListDifferences,
  written: boolean,
) {
  const changes = edits.filter(({ kind }) => kind !== 'disk');
  return {
    written,
    new: added.map(({ key, name, url, checksum, at }) => ({
      key,
      image: name,
      url,
      checksum,
      at: at.url,
    })),
    gone: namesOf(changes.filter(isGone)),
    changes: changes.filter((each) => !isGone(each)).map((each) => editAsJson(file, each)),
    moving,
    older,
    declaredOtherwise,
    onlyInCatalog,
  };
}

function isGone({ to }: CatalogEdit): boolean {
  return to === GONE;
}

function namesOf(edits: readonly CatalogEdit[]): readonly string[] {
  return [...new Set(edits.flatMap(({ images }) => images))];
}

function rowOf(edit: CatalogEdit): readonly string[] {
  const { kind, from = '-', to, images } = edit;
  const name = images.join(', ');
  if (kind === 'importedFrom')
    return isGone(edit) ? [name, 'gone', 'there', '-'] : [name, 'back', from, 'there'];
  return kind === 'url' ? [name, kind, from, to] : [name, kind, shortValue(from), shortValue(to)];
}

function count(number: number, noun: string, how: string): string {
  if (number === 0) return '';
  return `${number} ${number === 1 ? noun : `${noun}s`} ${how}`;
}

function note(names: readonly string[], what: string, remedy = ''): readonly string[] {
  return names.length === 0
    ? []
    : [`${what}: ${names.join(', ')}.${remedy === '' ? '' : ` ${remedy}`}`];
}
