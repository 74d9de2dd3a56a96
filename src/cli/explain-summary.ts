import { requireSettings } from './read-stack.ts';
import type { CliContext } from './subcommand.ts';
import { loadCatalog, type ParsedCatalog } from '../catalog/parse-catalog.ts';
import type { FileTree } from '../file-tree.ts';
import { commitTree } from '../git/commit-tree.ts';
import { GitError } from '../git/run-git.ts';
import { workingTree } from '../git/working-tree.ts';
import { collectProblems, InvalidInputError } from '../problem.ts';
import { explainChange, type CatalogAt } from '../review/explain-changes.ts';
import { orderSummary, type ImageChange, type Summary } from '../review/summarize.ts';
import { emptyHashCache } from '../tag/hash-context.ts';
import { tagCatalog } from '../tag/tag-catalog.ts';

/** The most commits to compare with, beside that of `against`. */
const MOST_COMMITS = 5;

interface Place extends Pick<CliContext, 'root' | 'err'> {
  readonly stack: string;
  /** The revision that the change is based on. */
  readonly against: string | undefined;
}

/**
 * A summary in the catalog's order, with what differs in each image: between the checkout and `against`, or else the
 * commit that the image was published from. A commit that can't be read, or is not what was published, explains nothing.
 */
export function explainSummary(summary: Summary, { root, err, stack, against }: Place): Summary {
  const tree = workingTree(root);
  const settings = collectProblems([], () => requireSettings(tree, stack));
  if (settings === undefined) return orderSummary(summary, []);
  const { catalogFile } = settings;
  const catalog = loadCatalog(tree, catalogFile);
  const current = catalogAt(tree, catalog, summary.images);
  const names = new Set(namesIn(catalog));
  let { images } = summary;

  const compareWith = (revision: string): string | undefined => {
    try {
      const commit = commitTree(root, revision);
      const then = collectProblems([], () => requireSettings(commit, stack));
      const before = loadCatalog(commit, then?.catalogFile ?? catalogFile);
      for (const name of namesIn(before)) names.add(name);
      const earlier = catalogAt(commit, before, images.filter(isUnexplained));
      images = images.map((change) => explainChange(change, earlier, current));
      return undefined;
    } catch (error) {
      if (error instanceof GitError || error instanceof InvalidInputError) return error.message;
      throw error;
    }
  };
  if (against !== undefined && images.length > 0) {
    const failure = compareWith(against);
    if (failure !== undefined) err(`warning: nothing is compared with ${against}: ${failure}\n`);
  }
  const commits = images.filter(isUnexplained).flatMap((change) => commitOf(change) ?? []);
  for (const commit of [...new Set(commits)].slice(0, MOST_COMMITS)) compareWith(commit);
  return orderSummary({ ...summary, images }, [...names]);
}

function isUnexplained({ why }: ImageChange): boolean {
  return why.some(({ details }) => details === undefined);
}

/** The commit that an image was published from, with or without changes that were not committed. */
function commitOf({ revision = '' }: ImageChange): string | undefined {
  return /^([0-9a-f]{40,64})(?:-dirty)?$/.exec(revision)?.[1];
}

function namesIn({ entries }: ParsedCatalog): readonly string[] {
  return entries.flatMap(({ image }) => image?.name ?? []);
}

/** The changing images of a catalog. Other commands report its problems. */
function catalogAt(
  tree: FileTree,
  { entries }: ParsedCatalog,
  changes: readonly ImageChange[],
): CatalogAt {
  const chosen = new Set<string | undefined>(changes.map(({ name }) => name));
  const changing = entries.filter(({ image }) => chosen.has(image?.name));
  const cache = emptyHashCache();
  const { images } = tagCatalog({ entries: changing, problems: [] }, tree, cache);
  return { images: new Map(images.map((image) => [image.name, image])), tree, cache };
}
