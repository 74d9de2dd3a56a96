import { aliasFlaw, branchAlias } from './branch-alias.ts';
import { orderNeeds } from './order-needs.ts';
import { branchReader } from './read-branch.ts';
import type { Need, References, SupportedBranch } from './references.ts';
import { selectBranches } from './select-branches.ts';
import { RepositoryUnreachable, type OpenSource } from './source-repository.ts';
import type { Source } from './source.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { Retention } from '../retention/retention.ts';
import type { CommitTree } from '../tree/commit-tree.ts';

/** A branch as it was read. */
interface ReadBranch {
  readonly branch: SupportedBranch;
  readonly tree: CommitTree;
  /** Where its source stands in the retention file. */
  readonly path: string;
}

/**
 * What the supported branches of all sources need. `file` is the path of the retention file, for
 * messages about what it names; those about a branch stand at `<source>@<branch>:<path>`.
 *
 * Fails closed: throws one InvalidInputError with everything that keeps a need from being known (each
 * code is a `ReferenceCode` or one of the catalog's), and never returns a part.
 */
export function findReferences(
  { sources, keepAliases }: Pick<Retention, 'sources' | 'keepAliases'>,
  file: string,
  open: OpenSource,
): References {
  const problems: Problem[] = [];
  const read = sources.map((source, at) => {
    const path = `sources[${at}]`;
    const isOnly = sources.length === 1;
    try {
      return readSource(source, { path, file, isOnly, open, problems });
    } catch (error) {
      if (!(error instanceof RepositoryUnreachable)) throw error;
      problems.push(unreachable(source, error, { file, path }));
      return { branches: [], needs: [] };
    }
  });
  const branches = read.flatMap((each) => each.branches);
  problems.push(...checkAliases(branches, keepAliases, file));
  if (problems.length > 0) throw new InvalidInputError(problems);
  return {
    branches: branches.map(({ branch }) => branch),
    needs: orderNeeds(read.flatMap(({ needs }) => needs)),
  };
}

interface Reading {
  readonly path: string;
  readonly file: string;
  readonly isOnly: boolean;
  readonly open: OpenSource;
  readonly problems: Problem[];
}

function readSource(
  source: Source,
  { path, file, isOnly, open, problems }: Reading,
): { readonly branches: readonly ReadBranch[]; readonly needs: readonly Need[] } {
  const repository = open(source);
  const { branches: names, flaws } = selectBranches(source.branches, repository);
  problems.push(
    ...flaws.map(({ problem, ...flaw }) => {
      const named = `${source.name}: ${problem}`;
      return { file, path: `${path}.branches`, problem: named, ...flaw };
    }),
  );
  const trees = repository.read(names);
  const branches = [...trees].flatMap(([name, tree]): ReadBranch[] => {
    const alias = branchAlias(source.name, name, isOnly);
    const branch = { source: source.name, branch: name, commit: tree.commit };
    if (alias !== undefined) return [{ branch: { ...branch, alias }, tree, path }];
    const problem = `${source.name}@${name}: the name is longer than a tag can be`;
    const remedy = 'rename the branch, or choose branches without it';
    problems.push({ code: 'ALIAS_COLLISION', file, path: `${path}.branches`, problem, remedy });
    return [];
  });
  const needs = source.references.flatMap((reader, at) => {
    const read = branchReader(reader, `${path}.references[${at}]`);
    return branches.flatMap((branch) => {
      const found = read(branch.tree);
      problems.push(...found.problems.map((problem) => placeInBranch(problem, branch.branch)));
      return found.references.map(({ place, ...reference }): Need => {
        return { branch: branch.branch, ...reference, places: [place] };
      });
    });
  });
  return { branches, needs };
}

function checkAliases(
  branches: readonly ReadBranch[],
  keepAliases: Retention['keepAliases'],
  file: string,
): readonly Problem[] {
  const all = branches.map(({ branch }) => branch);
  return branches.flatMap(({ branch, path }) => {
    const flaw = aliasFlaw(branch, all, keepAliases);
    if (flaw === undefined) return [];
    const problem = `${branch.source}@${branch.branch}: ${flaw.problem}`;
    return [{ file, path: `${path}.branches`, ...flaw, problem }];
  });
}

function placeInBranch(problem: Problem, { source, branch }: SupportedBranch): Problem {
  const at = `${source}@${branch}`;
  return { ...problem, file: problem.file === '' ? at : `${at}:${problem.file}` };
}

function unreachable(
  { name, repository }: Source,
  { message }: RepositoryUnreachable,
  place: { readonly file: string; readonly path: string },
): Problem {
  return {
    code: 'REPOSITORY_UNREACHABLE',
    file: place.file,
    path: `${place.path}.repository`,
    problem: `${name}: ${repository} can't be read: ${message}`,
    remedy: 'correct the address, or give git access to it; no policy changes until then',
  };
}
