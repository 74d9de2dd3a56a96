import { aliasProblem, branchAlias } from './branch-alias.ts';
import { orderNeeds } from './needs.ts';
import { branchReader } from './read-branch.ts';
import type { Need, ReferenceCode, References, SupportedBranch } from './references.ts';
import { selectBranches } from './select-branches.ts';
import { RepositoryUnreachable, type OpenSource, type Source } from './source.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';

/** The part of the retention file that is about references. */
interface ReferenceRules {
  readonly sources: readonly Source[];
  readonly keepAliases: readonly Tag[];
}

/** Where a source stands in the retention file. */
interface SourcePlace {
  readonly file: string;
  /** Such as `sources[0]`. */
  readonly path: string;
}

/** The needs of a source's supported branches, which are incomplete if there are problems. */
interface ReadSource {
  readonly branches: readonly SupportedBranch[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * Finds the needs of the supported branches of all sources. `file` is the path of the retention file,
 * where most problems are placed; problems in a branch are placed at `<source>@<branch>:<path>`.
 *
 * Fails closed: throws one InvalidInputError with every problem that keeps a need from being known (with
 * a `ReferenceCode` or one of the catalog's codes), and never returns a part of the needs.
 */
export function findReferences(
  { sources, keepAliases }: ReferenceRules,
  file: string,
  open: OpenSource,
): References {
  const read = sources.map((source, at) => {
    const place = { file, path: `sources[${at}]` };
    return { place, ...tryToRead(source, place, open) };
  });
  const branches = read.flatMap((each) => each.branches);
  const inAliases = read.flatMap(({ place, branches: own }) =>
    own.flatMap((branch) => {
      const problem = aliasProblem(branch, branches, keepAliases);
      return problem === undefined ? [] : atBranches(place, nameOf(branch), problem);
    }),
  );
  const problems = [...read.flatMap((each) => each.problems), ...inAliases];
  if (problems.length > 0) throw new InvalidInputError(withoutRepeats(problems));
  return { branches, needs: orderNeeds(read.flatMap(({ needs }) => needs)) };
}

function tryToRead(source: Source, place: SourcePlace, open: OpenSource): ReadSource {
  try {
    return readSource(source, place, open);
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

/** Reads all supported branches with all readers of a source. Throws a RepositoryUnreachable. */
function readSource(source: Source, place: SourcePlace, open: OpenSource): ReadSource {
  const repository = open(source);
  const selected = selectBranches(source.branches, repository);
  const readers = source.references.map((reader, at) =>
    branchReader(reader, `${place.path}.references[${at}]`),
  );
  const branches: SupportedBranch[] = [];
  const needs: Need[] = [];
  const problems = selected.problems.map((each) => atBranches(place, source.name, each));
  for (const [name, tree] of repository.read(selected.branches)) {
    const branch = { source: source.name, branch: name, commit: tree.commit };
    const alias = branchAlias(name, source.aliasPrefix);
    if (alias === undefined) problems.push(atBranches(place, nameOf(branch), TOO_LONG));
    else branches.push({ ...branch, alias });
    for (const read of readers) {
      const found = read(tree);
      problems.push(...found.problems.map((each) => inBranch(each, nameOf(branch))));
      if (alias === undefined) continue;
      for (const { place: where, ...reference } of found.references) {
        needs.push({ branch: { ...branch, alias }, ...reference, places: [where] });
      }
    }
  }
  return { branches, needs, problems };
}

const TOO_LONG: ValueProblem<ReferenceCode> = {
  code: 'ALIAS_COLLISION',
  problem: 'the name is longer than a tag can be',
  remedy: 'rename the branch, or choose branches without it',
};

function nameOf({ source, branch }: Pick<SupportedBranch, 'source' | 'branch'>): string {
  return `${source}@${branch}`;
}

/** A problem of the list of branches. `subject` is the name of the source or the branch. */
function atBranches(
  { file, path }: SourcePlace,
  subject: string,
  { code, problem, remedy }: ValueProblem<ReferenceCode>,
): Problem {
  return { code, file, path: `${path}.branches`, problem: `${subject}: ${problem}`, remedy };
}

/** Problems of a branch as a whole have no file. */
function inBranch(problem: Problem, branch: string): Problem {
  return { ...problem, file: problem.file === '' ? branch : `${branch}:${problem.file}` };
}

/** Two readers may find the same problem in a file. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}
