import { applyEdits, type CatalogEdit, type KeptValue } from './edits.ts';
import type { Imported } from './lists/import-list.ts';
import { readPins, type ImagePins } from './read-pins.ts';
import { refreshBases, wantedBases, type FindBases } from './refresh-bases.ts';
import { refreshDisks, wantedDisks } from './refresh-disks.ts';
import { refreshSnapshots, type SnapshotDates } from './refresh-snapshots.ts';
import { findDisks } from './publishers/find-disks.ts';
import type { Publishers } from './publishers/publisher.ts';
import { parseCatalog, type CatalogText } from '../catalog/parse-catalog.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import { emptyHashCache, type HashCache } from '../tag/hash-context.ts';
import { tagCatalog } from '../tag/tag-catalog.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';
import { parseYaml } from '../yaml/yaml-document.ts';

/** A catalog, and the images to refresh. */
export interface RefreshRequest extends CatalogText {
  /** Names of images; empty for all. */
  readonly only: readonly string[];
  readonly dates: SnapshotDates;
  /** The text with the disks of lists, and the edits that made it. */
  readonly imported?: Pick<Imported, 'text' | 'edits'>;
}

/** The lookups of a refresh. */
interface Upstream extends Publishers {
  readonly findBases: FindBases;
}

/** The edits of a refresh, and their effects. */
export interface Refresh {
  readonly edits: readonly CatalogEdit[];
  readonly kept: readonly KeptValue[];
  /** Names of disks whose publishers have no list that this program can read. */
  readonly notFollowed: readonly string[];
  /** Why builds that are newer than those found are not taken yet. */
  readonly passedOver: readonly string[];
  /** The new text of the catalog. */
  readonly text: string;
  /** The images whose tags change; `from` is absent for an image that was not pinned. */
  readonly tags: readonly { readonly image: string; readonly from?: Tag; readonly to: Tag }[];
}

/**
 * Finds the stale values of a catalog, and replaces them in its text. Throws an InvalidInputError for a
 * catalog with problems, except for references that are not pinned: those get pins.
 */
export async function refreshCatalog(
  { file, text, tree, only, dates, imported = { text, edits: [] } }: RefreshRequest,
  upstream: Upstream,
): Promise<Refresh> {
  const cache = emptyHashCache();
  const before = tagsOf({ file, text, tree }, cache);
  const images = readPins(parseYaml(imported.text, file));
  refuseUnknown(only, images, file);
  const isChosen = (name: string) => only.length === 0 || only.includes(name);

  const [foundBases, foundDisks] = await Promise.all([
    upstream.findBases(wantedBases(images, isChosen)),
    findDisks(wantedDisks(images, isChosen), upstream),
  ]);
  const outcomes = [
    ...refreshBases(images, isChosen, foundBases),
    ...refreshSnapshots(images, isChosen, dates),
    ...refreshDisks(images, isChosen, foundDisks),
  ];
  const found = outcomes.filter((outcome) => 'to' in outcome);
  const edited = applyEdits(imported.text, found);
  refuseGarbled(found, readPins(parseYaml(edited, file)));
  return {
    text: edited,
    edits: joinEdits(imported.edits, found),
    kept: outcomes.filter((outcome) => 'code' in outcome),
    notFollowed: images
      .filter(({ url }) => foundDisks.get(url?.value ?? '') === 'not followed')
      .map(({ name }) => name),
    passedOver: [...foundDisks.values()].flatMap((found) =>
      found !== 'not followed' && 'newest' in found ? (found.passedOver?.problem ?? []) : [],
    ),
    tags: [...tagsOf({ file, text: edited, tree }, cache)].flatMap(([image, to]) => {
      const from = before.get(image);
      return from === to ? [] : [{ image, from, to }];
    }),
  };
}

/** The edits of one value as one, in the order of the text. An edit that ends where it began is none. */
function joinEdits(
  imported: readonly CatalogEdit[],
  found: readonly CatalogEdit[],
): readonly CatalogEdit[] {
  const isSameValue = (one: CatalogEdit, other: CatalogEdit) =>
    one.kind === other.kind && one.written.path === other.written.path;
  const joined = found.flatMap((edit) => {
    const before = imported.find((each) => isSameValue(each, edit));
    if (before === undefined) return [edit];
    return before.from === edit.to ? [] : [{ ...edit, from: before.from, written: before.written }];
  });
  const others = imported.filter((each) => !found.some((edit) => isSameValue(each, edit)));
  return [...others, ...joined].toSorted((a, b) => a.written.start - b.written.start);
}

/** What a refresh mends. */
const UNPINNED = ['UNPINNED_BASE', 'UNPINNED_FROM'];

/**
 * The immutable tags of a catalog's images, by name; an image that is not pinned has none. Throws
 * an InvalidInputError for any other problem.
 */
export function tagsOf(text: CatalogText, cache: HashCache): ReadonlyMap<string, Tag> {
  const parsed = parseCatalog(text);
  const others = parsed.problems.filter(({ code }) => !UNPINNED.includes(code));
  const { images, problems } = tagCatalog({ ...parsed, problems: others }, text.tree, cache);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return new Map(images.map(({ name, tag }) => [name, tag]));
}

function refuseUnknown(only: readonly string[], images: readonly ImagePins[], file: string): void {
  const names = images.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new InvalidInputError(
    unknown.map((name) => {
      const problem = `--only names ${quote(name)}, and there is no such image`;
      const remedy = didYouMean(closest(name, names), `the images are ${names.join(', ')}`);
      return { code: 'UNKNOWN_IMAGE', file, problem, remedy };
    }),
  );
}

/** Checks that the new text has the new values: a schedule must never damage a catalog. */
function refuseGarbled(edits: readonly CatalogEdit[], after: readonly ImagePins[]): void {
  const byName = Map.groupBy(after, ({ name }) => name);
  for (const { kind, images, replacement } of edits) {
    for (const name of images) {
      if (kind === 'version' || kind === 'importedFrom' || kind === 'disk') continue;
      if (byName.get(name)?.some((image) => image[kind]?.value === replacement)) continue;
      throw new Error(`the ${kind} of ${name} did not become ${replacement}: this is a bug`);
    }
  }
}
