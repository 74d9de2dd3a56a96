import { aliasProblem, branchAlias } from './branch-alias.ts';
import { needsOf } from './needs.ts';
import { checkPins } from './pins.ts';
import { branchReader, type BranchReferences } from './read-branch.ts';
import type { FoundReferences, Need, ReferenceCode, SupportedBranch } from './references.ts';
import { selectBranches } from './select-branches.ts';
import {
  readerKey,
  RepositoryUnreachable,
  type OpenSource,
  type Source,
  type SourceRepository,
} from './source.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';

/**
 * Finds the needs of the supported branches of all sources. `file` is the path of the retention file,
 * where most problems are placed; problems in a branch are placed at `<source>@<branch>:<path>`.
 *
 * Fails closed: throws one InvalidInputError with every problem that keeps a need from being known (with
 * a `ReferenceCode` or one of the catalog's codes), and never returns a part of the needs.
 */
export function findReferences(
  { sources, keepAliases }: { sources: readonly Source[]; keepAliases: readonly Tag[] },
  file: string,
  open: OpenSource,
): FoundReferences {
  const read = sources.map((source, at) =>
    readSource(source, { file, path: `sources[${at}]` }, open),
  );
  const branches = read.flatMap((each) => each.branches);
  const inAliases = read.flatMap(({ place, branches: own }) =>
    own.flatMap((branch) => {
      const problem = aliasProblem(branch, branches, keepAliases);
      return problem === undefined ? [] : atBranches(place, nameOf(branch), problem);
    }),
  );
  const problems = [...read.flatMap((each) => each.problems), ...inAliases];
  if (problems.length > 0) throw new InvalidInputError(withoutRepeats(problems));
  return {
    branches,
    needs: read.flatMap(({ needs }) => needs),
    pinLines: Object.fromEntries(read.flatMap(({ pinLines }) => Object.entries(pinLines))),
    warnings: read.flatMap(({ warnings }) => warnings),
    outlook: read.flatMap(({ outlook }) => outlook),
  };
}

/** The retention file, and a path such as `sources[0]`. */
type SourcePlace = Pick<Problem, 'file' | 'path'>;

interface ReadSource {
  readonly place: SourcePlace;
  readonly branches: SupportedBranch[];
  readonly needs: Need[];
  readonly problems: Problem[];
  readonly pinLines: Record<string, string>;
  readonly warnings: string[];
  readonly outlook: string[];
}

function readSource(source: Source, place: SourcePlace, open: OpenSource): ReadSource {
  const result: ReadSource = {
    place,
    branches: [],
    needs: [],
    problems: [],
    pinLines: {},
    warnings: [],
    outlook: [],
  };
  try {
    open(source, (repository) => {
      readBranches(source, repository, result);
    });
  } catch (error) {
    if (!(error instanceof RepositoryUnreachable)) throw error;
    result.problems.push({
      code: error.code,
      file: place.file,
      path: `${place.path}.repository`,
      problem: `${source.name}: ${source.repository} can't be read: ${error.problem}`,
      remedy: `${error.remedy}; no policy changes until then`,
    });
  }
  return result;
}

/** Reads all supported branches of a source with all of its readers into the result. */
function readBranches(source: Source, repository: SourceRepository, result: ReadSource): void {
  const { place, branches, needs, problems, warnings } = result;
  const readers = source.references.map((reader, at) =>
    branchReader(reader, `${place.path}.references[${at}]`),
  );
  const selected = selectBranches(source.branches, repository);
  problems.push(...selected.problems.map((each) => atBranches(place, source.name, each)));
  if (selected.outlook !== undefined) result.outlook.push(`${source.name}: ${selected.outlook}`);
  const readings: Reading[] = [];
  for (const [name, tree] of repository.read(selected.branches)) {
    const { commit, committedAt, commits, recent } = tree;
    const history = { commit, committedAt, commits, recent };
    const branch = { source: source.name, branch: name, ...history };
    const read = readers.map((reader) => reader(tree));
    readings.push({ name, read });
    for (const each of read.flatMap((ofReader) => ofReader.problems)) {
      problems.push({ ...each, file: [nameOf(branch), each.file].filter(Boolean).join(':') });
    }
    const alias = branchAlias(name, source.aliasPrefix);
    if (alias === undefined) {
      problems.push(atBranches(place, nameOf(branch), TOO_LONG));
      continue;
    }
    const found: Record<string, readonly string[]> = {};
    for (const [at, reader] of source.references.entries()) {
      const key = readerKey(reader);
      const names = read[at]?.references.map(({ image }) => image) ?? [];
      found[key] = [...new Set([...(found[key] ?? []), ...names])].sort();
    }
    const isDefault = name === selected.defaultBranch;
    const supported = { ...branch, alias, isDefault, found };
    branches.push(supported);
    const references = read.flatMap((ofReader) => ofReader.references);
    needs.push(...needsOf(supported, references, source.pins));
  }
  warnings.push(...readingWarnings(source, readings));
  const { file } = place;
  const pins = checkPins({ source, file, names: repository.branches, branches, needs });
  Object.assign(result.pinLines, pins.lines);
  warnings.push(
    ...[...(repository.warnings ?? []), ...pins.warnings].map((text) => `${source.name}: ${text}`),
  );
}

/** What each reader of a source found in a branch. */
interface Reading {
  readonly name: string;
  readonly read: readonly BranchReferences[];
}

const UNCHECKED =
  'its pattern requires no text of three letters before the name, such as cloud_image:, so that lines it does not match are not checked';

/**
 * What is optional and was not found, with the branches; lines of `ignore` that no branch has; and patterns with
 * which nobody notices a line that they should match.
 */
function readingWarnings({ name, references }: Source, readings: readonly Reading[]) {
  return references.flatMap((reader, at) => {
    const subject = `${name}: references[${at}]`;
    const missing = readings.flatMap((each) =>
      (each.read[at]?.missing ?? []).map((text) => ({ text, branch: each.name })),
    );
    const optional = [...Map.groupBy(missing, ({ text }) => text)].map(
      ([text, all]) => `${subject}: ${text} on ${all.map(({ branch }) => branch).join(', ')}`,
    );
    const ignored = new Set(readings.flatMap((each) => each.read[at]?.ignored ?? []));
    const unused = ('ignore' in reader ? reader.ignore : []).filter((line) => !ignored.has(line));
    const isUnchecked = 'pattern' in reader && reader.patternKey === undefined;
    return [
      ...(isUnchecked ? [`${subject}: ${UNCHECKED}`] : []),
      ...optional,
      ...unused.map((line) => `${subject}: no file has the ignored line ${line}`),
    ];
  });
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

/** Each problem once, since two readers may find the same in a file. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}
