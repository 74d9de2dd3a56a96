import type { ReferenceCode } from './references.ts';
import type { BranchRule, NewestBranches, SourceRepository } from './source.ts';
import { compareTexts } from '../compare-texts.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

interface SelectedBranches {
  /** As they were listed; or the default branch first, then the newest release first. */
  readonly branches: readonly string[];
  /** Absent where the rule lists branches, which does not say which of them is the default. */
  readonly defaultBranch?: string | undefined;
  readonly problems: readonly ValueProblem<ReferenceCode>[];
  /** Which release leaves next, and which one left last; absent while no release has to leave for a new one. */
  readonly outlook?: string | undefined;
}

type Repository = Omit<SourceRepository, 'read'>;

const NAME_DEFAULT = 'write branches.default';

/** Selects a rule's branches of a repository. A branch that is missing is always a problem. */
export function selectBranches(rule: BranchRule, repository: Repository): SelectedBranches {
  if (repository.branches.size === 0) {
    const remedy = 'push one, or take the source out';
    return withProblem('NO_SUPPORTED_BRANCH', 'the repository has no branches', remedy);
  }
  if ('only' in rule) return existing(rule.only, repository);
  const main = rule.default ?? repository.defaultBranch;
  const chosen =
    main === undefined
      ? withProblem('NO_DEFAULT_BRANCH', 'HEAD of the repository names no branch', NAME_DEFAULT)
      : existing([main], repository);
  const releases = newestReleases(rule, repository);
  return {
    defaultBranch: main,
    branches: [...new Set([...chosen.branches, ...releases.branches])],
    problems: [...chosen.problems, ...releases.problems],
    outlook: releases.outlook,
  };
}

function withProblem(code: ReferenceCode, problem: string, remedy: string): SelectedBranches {
  return { branches: [], problems: [{ code, problem, remedy }] };
}

function existing(names: readonly string[], { branches }: Repository): SelectedBranches {
  const missing = names.filter((name) => !branches.has(name));
  const problems = missing.map((name): ValueProblem<ReferenceCode> => {
    const remedy = didYouMean(closest(name, [...branches]), 'name one that there is');
    return { code: 'BRANCH_MISSING', problem: `there is no branch ${quote(name)}`, remedy };
  });
  return { branches: names.filter((name) => branches.has(name)), problems };
}

/**
 * The newest releases. Fewer than the rule's number are accepted. No release at all is a problem: a glob
 * with a typing error would give up the needs of every release.
 */
function newestReleases({ releases }: NewestBranches, repository: Repository): SelectedBranches {
  if (releases === undefined) return { branches: [], problems: [] };
  const { glob, newest, except = [], accept = [] } = releases;
  const all = versionsOf(repository.branches, glob).filter(
    ({ branch }) => !except.includes(branch),
  );
  const branches = all.slice(0, newest).map(({ branch }) => branch);
  if (branches.length > 0) {
    const problems = [
      ...unlikelyReleases(all, newest, accept),
      ...equalReleases(all, newest, accept),
    ];
    return { branches, problems, outlook: outlookOf(all, newest) };
  }
  const problem = `no branch matches ${quote(glob)} with a version for the star`;
  return withProblem('NO_SUPPORTED_BRANCH', problem, globRemedy(glob, repository.branches));
}

function outlookOf(all: readonly Release[], newest: number): string | undefined {
  const [first, last, next] = [all[0], all[newest - 1], all[newest]];
  if (first === undefined || last === undefined) return undefined;
  const leaves = `${last.branch} leaves when a release newer than ${first.branch} appears`;
  return next === undefined ? leaves : `${leaves}; ${next.branch} and older are not supported`;
}

function globRemedy(glob: string, branches: ReadonlySet<string>): string {
  const globs = [...branches].map((branch) => branch.replace(/\d+(?:\.\d+)*/, '*'));
  const near = closest(glob, globs);
  const alike = near === undefined ? [] : releasesOf(branches, near).slice(0, 3);
  return near === undefined || alike.length === 0
    ? 'name branches that there are; until there is a first release branch, leave out releases and newest'
    : `did you mean ${near}? it matches ${alike.join(', ')}`;
}

/** By how much the first number of a version may be above that of the release before it. */
const LARGEST_STEP = 1;
/** The same for the second number, where the first is equal. */
const LARGEST_SECOND_STEP = 5;

/**
 * The problem of releases with versions far from those of most others, such as `release-231` beside
 * `release-2.31`: they take the places of older releases, whose needs they end. `all` has the newest first.
 */
function unlikelyReleases(
  all: readonly Release[],
  newest: number,
  accept: readonly string[],
): readonly ValueProblem<ReferenceCode>[] {
  const versions = all.map(({ numbers }) => numbers.split('.').map(Number));
  const byLength = Map.groupBy(versions, ({ length }) => length);
  const usual = [...byLength].find(([, same]) => same.length > all.length / 2)?.[0];
  /** The releases above a gap are unlikely, unless they are more than half of all. */
  const aboveGap = versions.findLastIndex(([first = 0, second = 0], at) => {
    const [firstBefore = first, secondBefore = second] = versions[at + 1] ?? [];
    const isGap =
      first > firstBefore + LARGEST_STEP ||
      (first === firstBefore && second > secondBefore + LARGEST_SECOND_STEP);
    return isGap && at < newest && at + 1 <= all.length / 2;
  });
  const isUnlikely = (at: number) =>
    at <= aboveGap || (usual !== undefined && versions[at]?.length !== usual);
  const names = all.flatMap(({ branch }, at) =>
    at < newest && isUnlikely(at) && !accept.includes(branch) ? branch : [],
  );
  if (names.length === 0) return [];
  const list = names.join(', ');
  const others = all.filter((_, at) => !isUnlikely(at)).map(({ branch }) => branch);
  const problem = `the version of ${list} is far from those of ${others.slice(0, newest).join(', ')}`;
  const remedy = `delete what is a mistake, leave it out with except: [${list}], or take it with accept: [${list}]`;
  return [{ code: 'BRANCH_UNLIKELY', problem, remedy }];
}

/** The problems of releases with equal versions, such as `release-v2.31` beside `release-2.31`. */
function equalReleases(
  all: readonly Release[],
  newest: number,
  accept: readonly string[],
): readonly ValueProblem<ReferenceCode>[] {
  const byVersion = Map.groupBy(all, ({ numbers }) => numbers.replaceAll(/\b0+(?=\d)/g, ''));
  return [...byVersion.values()].flatMap((equal): readonly ValueProblem<ReferenceCode>[] => {
    const open = equal.map(({ branch }) => branch).filter((branch) => !accept.includes(branch));
    const isSupported = equal.some((release) => all.indexOf(release) < newest);
    if (open.length < 2 || !isSupported) return [];
    const list = open.join(', ');
    const problem = `${list} have the same version, and each takes the place of an older release`;
    const remedy = `delete what is a mistake, leave all but one out with except: [...], or take all with accept: [${list}]`;
    return [{ code: 'BRANCH_UNLIKELY', problem, remedy }];
  });
}

/** Numbers and single dots, with or without a `v` before them. */
const VERSION = /^v?(\d+(?:\.\d+)*)$/;

const { compare: byNumbers } = new Intl.Collator('en', { numeric: true });

/**
 * The branches that a glob with one star matches, newest first, by the numbers in place of the star: 2.31
 * is newer than 2.9, and 2.31.1 newer than 2.31. A branch with anything but numbers there, such as
 * `release-next`, is no release.
 */
export function releasesOf(branches: Iterable<string>, glob: string): readonly string[] {
  return versionsOf(branches, glob).map(({ branch }) => branch);
}

interface Release {
  readonly branch: string;
  /** Such as `2.31`. */
  readonly numbers: string;
}

function versionsOf(branches: Iterable<string>, glob: string): readonly Release[] {
  const [before = '', after = ''] = glob.split('*');
  const releases = [...branches].flatMap((branch) => {
    if (!branch.startsWith(before) || !branch.endsWith(after)) return [];
    const version = branch.slice(before.length, branch.length - after.length);
    const [, numbers] = VERSION.exec(version) ?? [];
    return numbers === undefined ? [] : [{ branch, numbers }];
  });
  return releases.sort(
    (a, b) => byNumbers(b.numbers, a.numbers) || compareTexts(a.branch, b.branch),
  );
}
