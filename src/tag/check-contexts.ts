import { checkDiskContext } from './check-disk-context.ts';
import type { CatalogEntry } from '../catalog/image.ts';
import type { Problem } from '../problem.ts';
import { collectProblems } from './collect-problems.ts';
import type { HashCache } from './hash-cache.ts';
import { hashContext } from './hash-context.ts';
import type { FileTree } from '../file-tree.ts';

/** What keeps the contexts of a catalog from being hashed, or VM disks from being built, each problem once. */
export function checkContexts(
  entries: readonly CatalogEntry[],
  tree: FileTree,
  cache: HashCache,
): readonly Problem[] {
  const builds = new Map(entries.map(({ build }) => [JSON.stringify(build), build]));
  const problems: Problem[] = [];
  for (const build of builds.values()) {
    if (build !== undefined) collectProblems(problems, () => hashContext(build, tree, cache));
  }
  for (const { image } of entries) {
    if (image?.kind === 'vm-disk') problems.push(...checkDiskContext(image, tree));
  }
  // Builds with other Dockerfiles share a context, and its problems: keyed by text, each is said once.
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}
