import { runGit } from './run-git.ts';
import type { CommitTree } from '../file-tree.ts';

/** The trees with the number of commits in their histories, which the clone has as a whole. */
export function withCounts(folder: string, trees: ReadonlyMap<string, CommitTree>) {
  const counted = [...trees].map(([name, tree]): [string, CommitTree] => {
    const count = runGit(folder, ['rev-list', '--count', tree.commit, '--']).toString();
    return [name, { ...tree, commits: Number(count) }];
  });
  return new Map(counted);
}

/** The number of earlier commits that are recorded: more than a branch gets in a day. */
const RECENT = 30;

/** The depth of a fetch that brings so many commits. */
export const RECENT_DEPTH = RECENT + 1;

/** The number of digits in messages and retention files. */
const COMMIT_DIGITS = 12;

/** The trees with the commits that they follow, as far as the repository has them. */
export function withRecent(folder: string, trees: ReadonlyMap<string, CommitTree>) {
  const input = [...trees.values()].map(({ commit }) => `${commit}\n`).join('');
  const history = runGit(folder, ['rev-list', '--parents', '--stdin'], { input }).toString();
  const lines = history.split('\n').map((line) => line.split(' '));
  const parentsOf = new Map(lines.map(([commit = '', ...parents]) => [commit, parents]));
  const recentOf = (commit: string) => {
    const recent = new Set<string>();
    let at: string | undefined = commit;
    for (let count = 0; count < RECENT && at !== undefined; count += 1) {
      const parents: readonly string[] = parentsOf.get(at) ?? [];
      for (const parent of parents) recent.add(parent.slice(0, COMMIT_DIGITS));
      [at] = parents;
    }
    return [...recent];
  };
  const dated = [...trees].map(([name, tree]): [string, CommitTree] => [
    name,
    { ...tree, recent: recentOf(tree.commit) },
  ]);
  return new Map(dated);
}
