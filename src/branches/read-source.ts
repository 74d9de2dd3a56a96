import { branchAlias } from './branch-alias.ts';
import { branchReader } from './read-branch.ts';
import type { Need, SupportedBranch } from './references.ts';
import { selectBranches } from './select-branches.ts';
import type { SourceRepository } from './source-repository.ts';
import type { Source } from './source.ts';
import type { Problem } from '../problem.ts';
import type { CommitTree } from '../commit-tree.ts';

/** Where a source stands in the retention file. */
export interface SourcePlace {
  readonly file: string;
  /** Such as `sources[0]`. */
  readonly path: string;
}

/** What a source's supported branches need; good for nothing when there are problems. */
export interface ReadSource {
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Reads all supported branches with all readers of a source. Throws a RepositoryUnreachable. */
export function readSource(
  source: Source,
  repository: SourceRepository,
  place: SourcePlace,
): ReadSource {
  const selected = selectBranches(source.branches, repository);
  const trees = repository.read(selected.branches);
  const read = [...trees].map(([name, tree]) => supportedBranch(source, name, tree));
  const found = source.references.map((reader, at) => {
    const readBranch = branchReader(reader, `${place.path}.references[${at}]`);
    return read.map((each) => {
      const { references, problems } = readBranch(each.tree);
      return { ...each, references, problems };
    });
  });

  const path = `${place.path}.branches`;
  const unnamed = read.filter(({ branch }) => branch === undefined);
  return {
    branches: read.flatMap(({ branch }) => branch ?? []),
    needs: found
      .flat()
      .flatMap(({ branch, references }) =>
        branch === undefined
          ? []
          : references.map(({ place: where, ...each }) => ({ branch, ...each, places: [where] })),
      ),
    problems: [
      ...selected.flaws.map((flaw) => {
        return { file: place.file, path, ...flaw, problem: `${source.name}: ${flaw.problem}` };
      }),
      ...unnamed.map(({ at }) => ({ file: place.file, path, ...tooLong(at) })),
      ...found.flat().flatMap(({ at, problems }) => problems.map((each) => placeAt(each, at))),
    ],
  };
}

/** A branch, if its name gives an alias, and how messages call it. */
function supportedBranch(
  { name: source, aliasPrefix }: Source,
  branch: string,
  tree: CommitTree,
): {
  readonly at: string;
  readonly branch: SupportedBranch | undefined;
  readonly tree: CommitTree;
} {
  const alias = branchAlias(branch, aliasPrefix);
  const supported = alias && { source, branch, commit: tree.commit, alias };
  return { at: `${source}@${branch}`, branch: supported, tree };
}

function tooLong(at: string): Pick<Problem, 'code' | 'problem' | 'remedy'> {
  return {
    code: 'ALIAS_COLLISION',
    problem: `${at}: the name is longer than a tag can be`,
    remedy: 'rename the branch, or choose branches without it',
  };
}

/** Problems of a branch as a whole have no file. */
function placeAt(problem: Problem, at: string): Problem {
  return { ...problem, file: problem.file === '' ? at : `${at}:${problem.file}` };
}
