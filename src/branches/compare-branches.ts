import { formatDay } from '../dates.ts';
import type { DatedCommit } from '../file-tree.ts';
import type { Tag } from '../image-reference.ts';

/** What a run found in a supported branch. */
export interface BranchRecord extends DatedCommit {
  /** The tag that stands for the branch at each image that it needs. */
  readonly alias: Tag;
  /** What a reader reads (`readerKey`) → the names of the images that it found, in order. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

/** `<source> <branch>` → what a run found there. */
export type BranchRecords = Readonly<Record<string, BranchRecord>>;

/** The records that the resource keeps for the comparison at the next run. */
export function branchRecords(
  branches: readonly (BranchRecord & { readonly source: string; readonly branch: string })[],
): BranchRecords {
  return Object.fromEntries(
    branches.map(({ source, branch, alias, commit, committedAt, commits, recent, found }) => [
      `${source} ${branch}`,
      { alias, commit, committedAt, commits, recent, found },
    ]),
  );
}

/** A branch whose images have become fewer by a third or more, or all those of a reader. */
interface BranchDrop {
  readonly branch: string;
  readonly before: BranchRecord;
  readonly now: BranchRecord;
  /** The names of the images that no reader finds any more. */
  readonly gone: readonly string[];
  readonly total: number;
  /** What the readers read that found images before, and find none now. */
  readonly empty: readonly string[];
}

/**
 * The branches that became supported, those that no longer are, those that need much less, and those whose
 * commit does not follow that of before. A branch has the same alias where its source has another name by now.
 */
export function compareBranches(olds: BranchRecords, news: BranchRecords) {
  const left = Object.keys(olds).filter((branch) => !(branch in news));
  const byAlias = new Map(left.map((branch) => [olds[branch]?.alias, branch]));
  const pairs = Object.entries(news).map(([branch, now]) => {
    const former = branch in olds ? branch : byAlias.get(now.alias);
    return { branch, former, before: olds[former ?? ''], now };
  });
  const known = pairs.flatMap(({ branch, before, now }) =>
    before === undefined ? [] : [{ branch, before, now }],
  );
  return {
    entered: pairs.flatMap(({ branch, former }) => (former === undefined ? [branch] : [])),
    left: left.filter((branch) => pairs.every(({ former }) => former !== branch)),
    drops: known.flatMap((each): readonly BranchDrop[] => {
      const images = imagesOf(each.now);
      const old = imagesOf(each.before);
      const gone = [...old].filter((image) => !images.has(image)).sort();
      // A reader that the retention file no longer has is a reviewed change.
      const empty = Object.entries(each.now.found).flatMap(([reader, names]) =>
        names.length === 0 && (each.before.found[reader] ?? []).length > 0 ? [reader] : [],
      );
      const isDrop = (gone.length > 0 && gone.length * 3 >= old.size) || empty.length > 0;
      return isDrop ? [{ ...each, gone, total: old.size, empty }] : [];
    }),
    older: known.filter(isOlder),
  };
}

/**
 * Whether a commit can't follow that of before: one that does has more commits in its history, whatever the clocks
 * of the committers say. Where neither these numbers nor the last commits of a history tell, the dates decide.
 */
function isOlder({ before, now }: Pick<BranchDrop, 'before' | 'now'>): boolean {
  if (before.commit === now.commit || follows(now, before)) return false;
  if (follows(before, now)) return true;
  if (before.commits !== undefined && now.commits !== undefined)
    return now.commits <= before.commits;
  return Date.parse(now.committedAt) < Date.parse(before.committedAt);
}

/** Whether a commit is known to come after another one. */
function follows({ recent = [] }: BranchRecord, other: BranchRecord): boolean {
  return recent.some((digits) => other.commit.startsWith(digits));
}

/** A line for each branch that entered or left; `until` is the end of the grace period that begins now. */
export function formatBranchNews(
  { entered, left }: Pick<ReturnType<typeof compareBranches>, 'entered' | 'left'>,
  until: Date,
): readonly string[] {
  const day = formatDay(until);
  return [
    ...entered.map((branch) => `${branch} is supported from now on`),
    ...left.map((branch) => `${branch} leaves: its tags and versions stay until ${day} at least`),
  ];
}

function imagesOf({ found }: BranchRecord): ReadonlySet<string> {
  return new Set(Object.values(found).flat());
}

/**
 * Why a run must not go on with these branches: one of them needs much less than at the run before, or is at
 * a commit that does not follow. `accept` has the commits of the run before, as a whole or their first digits,
 * from which on reviewed lines of the retention file take the branch as it is. It does not name the commit of
 * now: that of a branch that holds the retention file itself follows from the line.
 */
export function branchProblems(
  olds: BranchRecords,
  news: BranchRecords,
  accept: readonly string[],
): readonly string[] {
  const { drops, older } = compareBranches(olds, news);
  const isOpen = ({ before }: Pick<BranchDrop, 'before'>) =>
    !accept.some((commit) => before.commit.startsWith(commit));
  const bySource = Map.groupBy([...drops, ...older], ({ branch }) => sourceOf(branch));
  /** The whole line, for all branches of the source: a second one would be a repeated key. */
  const acceptLine = (branch: string) => {
    const source = sourceOf(branch);
    const commits = new Set(bySource.get(source)?.map(({ before }) => short(before)));
    return `write \`accept: [${[...commits].map((commit) => `"${commit}"`).join(', ')}]\` at the source ${source}`;
  };
  return [
    ...drops.filter(isOpen).map(({ branch, before, now, ...drop }) => {
      const line = acceptLine(branch);
      return `BRANCH_NEEDS_LESS  ${branch} at ${short(now)} ${describeDrop(drop)} since ${short(before)}; correct the branch or how it is read, or ${line} if it is meant to need less`;
    }),
    ...older.filter(isOpen).map(({ branch, before, now }) => {
      const line = acceptLine(branch);
      return `BRANCH_OLDER  ${branch} is at ${describeCommit(now)}, which does not follow ${describeCommit(before)}, that of the run before; fetch the clone or the mirror that is read, or ${line} if the branch was reset on purpose`;
    }),
  ];
}

function sourceOf(branch: string): string {
  const [source = ''] = branch.split(' ');
  return source;
}

const COMMIT_DIGITS = 12;

function short({ commit }: BranchRecord): string {
  return commit.slice(0, COMMIT_DIGITS);
}

/** Such as `46dbdd3994b3 (2026-11-24T12:00:00Z, 812 commits)`. */
function describeCommit(record: BranchRecord): string {
  const { committedAt, commits } = record;
  return `${short(record)} (${committedAt}${commits === undefined ? '' : `, ${commits} commits`})`;
}

const MOST_NAMES = 20;

/** Such as `lost 2 of 6 images (a, b) and has no image in tests/*.yml by cloud_image any more`. */
export function describeDrop({
  gone,
  total,
  empty,
}: Pick<BranchDrop, 'gone' | 'total' | 'empty'>): string {
  const names = gone.slice(0, MOST_NAMES);
  if (gone.length > names.length) names.push(`and ${gone.length - names.length} more`);
  const lost =
    gone.length === 0 ? [] : [`lost ${gone.length} of ${total} images (${names.join(', ')})`];
  const none = empty.map((reader) => `has no image in ${reader} any more`);
  return [...lost, ...none].join(' and ');
}
