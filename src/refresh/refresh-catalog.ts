import { catalogTags, compareTags, type TagChange } from './catalog-tags.ts';
import { applyChanges, type Change, type RefreshResult } from './changes.ts';
import { readPins, type ImagePins } from './read-pins.ts';
import { refreshBases, wantedBases, type LookUpBases } from './refresh-bases.ts';
import { refreshDisks, wantedDisks } from './refresh-disks.ts';
import { refreshSnapshots, type SnapshotDates } from './refresh-snapshots.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';
import { requireYaml } from '../yaml/yaml-document.ts';
import { InvalidInputError } from '../problem.ts';
import { findDisks } from './publishers/find-disks.ts';
import type { Ask } from './publishers/publisher.ts';
import { emptyHashCache } from '../tag/hash-context.ts';
import type { FileTree } from '../file-tree.ts';

/** A catalog, and the images to refresh. */
export interface RefreshRequest {
  /** The catalog's path in the checkout. */
  readonly file: string;
  readonly text: string;
  readonly tree: FileTree;
  /** Names of images; empty for all. */
  readonly only: readonly string[];
  readonly dates: SnapshotDates;
}

/** The lookups of a refresh. */
export interface Upstream {
  /** Looks up bases. */
  readonly lookUp: LookUpBases;
  /** Gets the lists and checksum files of VM disks. */
  readonly ask: Ask;
}

/** The changes of a refresh, and their effects. */
export interface Refresh extends RefreshResult {
  /** Names of disks whose publishers have no list that this program can read. */
  readonly notFollowed: readonly string[];
  /** The new text of the catalog. */
  readonly text: string;
  readonly tags: readonly TagChange[];
}

/**
 * Finds the stale values of a catalog, and replaces them in its text. Throws an InvalidInputError for a
 * catalog with problems, except for bases that are not pinned: those get pins.
 */
export async function refreshCatalog(
  { file, text, tree, only, dates }: RefreshRequest,
  { lookUp, ask }: Upstream,
): Promise<Refresh> {
  const cache = emptyHashCache();
  const before = catalogTags({ file, text, tree }, cache);
  if (before.problems.length > 0) throw new InvalidInputError(before.problems);
  const images = readPins(text, requireYaml(text, file));
  refuseUnknown(only, images, file);
  const isChosen = (name: string) => only.length === 0 || only.includes(name);

  const [foundBases, foundDisks] = await Promise.all([
    lookUp(wantedBases(images, isChosen)),
    findDisks(wantedDisks(images, isChosen), ask),
  ]);
  const bases = refreshBases(images, isChosen, foundBases);
  const snapshots = refreshSnapshots(images, isChosen, dates);
  const disks = refreshDisks(images, isChosen, foundDisks);
  const changes = [...bases.changes, ...snapshots.changes, ...disks.changes].toSorted(
    (a, b) => a.written.start - b.written.start,
  );
  const changed = applyChanges(text, changes);
  refuseGarbled(changes, readPins(changed, requireYaml(changed, file)));
  const after = catalogTags({ file, text: changed, tree }, cache);
  if (after.problems.length > 0) throw new InvalidInputError(after.problems);
  return {
    text: changed,
    changes,
    kept: [...bases.kept, ...snapshots.kept, ...disks.kept],
    notFollowed: disks.notFollowed,
    tags: compareTags(before.tags, after.tags),
  };
}

function refuseUnknown(only: readonly string[], images: readonly ImagePins[], file: string): void {
  const names = images.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new InvalidInputError(
    unknown.map((name) => {
      const problem = `--only names ${quote(name)}, and there is no such image`;
      const remedy = didYouMean(closest(name, names), `the images are ${names.join(', ')}`);
      return { code: 'UNKNOWN_IMAGE', file, path: '', problem, remedy };
    }),
  );
}

/** Checks that the new text has the new values: a schedule must never damage a catalog. */
function refuseGarbled(changes: readonly Change[], after: readonly ImagePins[]): void {
  const byName = new Map(after.map((image) => [image.name, image]));
  for (const { kind, images, replacement } of changes) {
    for (const name of images) {
      if (byName.get(name)?.[kind]?.value === replacement) continue;
      throw new Error(`the ${kind} of ${name} did not become ${replacement}: this is a bug`);
    }
  }
}
