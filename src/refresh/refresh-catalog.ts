import { applyChanges, type Change, type Proposal } from './changes.ts';
import { catalogTags, compareTags, type TagChange } from './catalog-tags.ts';
import { type LookUpBases, refreshBases, wantedBases } from './refresh-bases.ts';
import { readPins, type ImagePins } from './read-pins.ts';
import { refreshDisks, wantedDisks } from './refresh-disks.ts';
import { refreshSnapshots, type SnapshotDates } from './refresh-snapshots.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';
import { requireYaml } from '../yaml/yaml-document.ts';
import { InvalidInputError } from '../problem.ts';
import { findDisks } from './publishers/find-disks.ts';
import type { Ask } from './publishers/publisher.ts';
import { emptyHashCache } from '../tag/hash-cache.ts';
import type { FileTree } from '../file-tree.ts';

/** A catalog, and what of it is to be refreshed. */
export interface RefreshRequest {
  /** The catalog's path in the checkout. */
  readonly file: string;
  readonly text: string;
  readonly tree: FileTree;
  /** Names of images; all of them when it is empty. */
  readonly only: readonly string[];
  readonly dates: SnapshotDates;
}

/** Who knows what is newer. */
export interface Upstream {
  /** For bases. */
  readonly lookUp: LookUpBases;
  /** For the disks of virtual machines. */
  readonly ask: Ask;
}

/** What a refresh changes, and what comes of it. */
export interface Refresh extends Proposal {
  /** Names of disks that nobody is asked for, since their publishers have no list that is understood. */
  readonly notFollowed: readonly string[];
  /** The catalog afterwards. */
  readonly text: string;
  readonly tags: readonly TagChange[];
}

/**
 * Finds out what is stale in a catalog, and writes its text anew with nothing else changed. Throws an
 * InvalidInputError for a catalog with mistakes, except for bases that are not pinned: those get pins.
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
  const { notFollowed, ...disks } = refreshDisks(images, isChosen, foundDisks);
  const parts: readonly Proposal[] = [bases, snapshots, disks];
  const changes = parts.flatMap((part) => part.changes).toSorted(byPlace);
  const changed = applyChanges(text, changes);
  refuseGarbled(changes, readPins(changed, requireYaml(changed, file)));
  const after = catalogTags({ file, text: changed, tree }, cache);
  if (after.problems.length > 0) throw new InvalidInputError(after.problems);
  return {
    text: changed,
    changes,
    kept: parts.flatMap(({ kept }) => kept),
    notFollowed,
    tags: compareTags(before.tags, after.tags),
  };
}

function byPlace(a: Change, b: Change): number {
  return a.written.start - b.written.start;
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

/** What is written must be what was meant: a catalog is not a thing to be damaged by a schedule. */
function refuseGarbled(changes: readonly Change[], after: readonly ImagePins[]): void {
  const byName = new Map(after.map((image) => [image.name, image]));
  for (const { kind, images, replacement } of changes) {
    for (const name of images) {
      if (byName.get(name)?.[kind]?.value === replacement) continue;
      throw new Error(`the ${kind} of ${name} did not become ${replacement}: this is a bug`);
    }
  }
}
