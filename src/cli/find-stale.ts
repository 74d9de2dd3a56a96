import { readCatalog } from './replace-file.ts';
import { clientPool } from './refresh.ts';
import type { FileTree } from '../file-tree.ts';
import { baseFinder } from '../refresh/lookup/base-finder.ts';
import { fileProbe, textFetcher } from '../refresh/lookup/text-fetcher.ts';
import { refreshCatalog } from '../refresh/refresh-catalog.ts';

interface Stale {
  /** The images whose base or disk has a newer one. */
  readonly names: ReadonlySet<string>;
  /** A sentence for each thing that could not be looked up. */
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** Looks up what `images refresh --check` would: newer bases and disks. */
export async function findStale(
  root: string,
  tree: FileTree,
  file: string,
  today: string,
): Promise<Stale> {
  const text = new TextDecoder().decode(readCatalog(root, file));
  const { edits, kept } = await refreshCatalog(
    { file, text, tree, only: [], dates: { today } },
    { findBases: baseFinder(clientPool()), fetchText: textFetcher(), isThere: fileProbe() },
  );
  const newer = edits.filter(({ kind }) => kind !== 'snapshot');
  return {
    names: new Set(newer.flatMap(({ images }) => images)),
    warnings: kept.map(
      ({ kind, images, code }) =>
        `Whether the ${kind} of ${images.join(', ')} is the newest is not known (${code}).`,
    ),
    notes: [],
  };
}
