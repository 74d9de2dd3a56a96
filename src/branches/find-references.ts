import { aliasFlaw, branchAlias } from './branch-alias.ts';
import { orderNeeds } from './needs.ts';
import type { References, Need, SupportedBranch } from './references.ts';
import {
  RepositoryUnreachable,
  type OpenSource,
  type Source,
  type SourceRepository,
} from './source.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import { branchReader } from './read-branch.ts';
import { selectBranches } from './select-branches.ts';
import type { CommitTree } from '../commit-tree.ts';

/** What the retention file says about references. */
interface ReferenceRules {
  readonly sources: readonly Source[];
  readonly keepAliases: readonly Tag[];
}

/**
 * What the supported branches of all sources need. `file` is the path of the retention file, for
 * messages about what it names; those about a branch stand at `<source>@<branch>:<path>`.
 *
 * Fails closed: throws one InvalidInputError with everything that keeps a need from being known (each
 * code is a `ReferenceCode` or one of the catalog's), and never returns a part.
 */
export function findReferences(
  { sources, keepAliases }: ReferenceRules,
  file: string,
  open: OpenSource,
): References {
  const read = sources.map((source, at) => {
    const place: SourcePlace = { file, path: `sources[${at}]` };
    return { place, ...readOrExplain(source, place, open) };
  });
  const problems = [...read.flatMap((each) => each.problems), ...checkAliases(read, keepAliases)];
  if (problems.length > 0) throw new InvalidInputError(withoutRepeats(problems));
  return {
    branches: read.flatMap(({ branches }) => branches),
    needs: orderNeeds(read.flatMap(({ needs }) => needs)),
  };
}

function readOrExplain(source: Source, place: SourcePlace, open: OpenSource): ReadSource {
  try {
    return readSource(source, open(source), place);
  } catch (error) {
    if (!(error instanceof RepositoryUnreachable)) throw error;
    const problem: Problem = {
      code: 'REPOSITORY_UNREACHABLE',
      file: place.file,
      path: `${place.path}.repository`,
      problem: `${source.name}: ${source.repository} can't be read: ${error.message}`,
      remedy: 'correct the address, or give git access to it; no policy changes until then',
    };
    return { branches: [], needs: [], problems: [problem] };
  }
}

function checkAliases(
  read: readonly (ReadSource & { readonly place: SourcePlace })[],
  keepAliases: ReferenceRules['keepAliases'],
): readonly Problem[] {
  const all = read.flatMap(({ branches }) => branches);
  return read.flatMap(({ branches, place: { file, path } }) =>
    branches.flatMap((branch): Problem[] => {
      const flaw = aliasFlaw(branch, all, keepAliases);
      if (flaw === undefined) return [];
      const problem = `${branch.source}@${branch.branch}: ${flaw.problem}`;
      return [{ file, path: `${path}.branches`, ...flaw, problem }];
    }),
  );
}

/** Two readers may stumble over the same file. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}

/** Where a source stands in the retention file. */
interface SourcePlace {
  readonly file: string;
  /** Such as `sources[0]`. */
  readonly path: string;
}

/** What a source's supported branches need; good for nothing when there are problems. */
interface ReadSource {
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Reads all supported branches with all readers of a source. Throws a RepositoryUnreachable. */
function readSource(source: Source, repository: SourceRepository, place: SourcePlace): ReadSource {
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
