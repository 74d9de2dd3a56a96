import {
  branchProblems,
  compareBranches,
  formatBranchNews,
  type BranchRecords,
} from '../../src/branches/compare-branches.ts';
import { newPinProblems } from '../../src/branches/pins.ts';
import type { PinLines } from '../../src/branches/references.ts';
import { parseTag } from '../../src/image-reference.ts';
import {
  listOf,
  number,
  object,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
} from './protocol/read-property.ts';
import type { CheckFailure, Properties } from './protocol/resource-type.ts';

/** The inputs that only the comparison with the next run is made from. */
const COMPARED = ['branches', 'accept', 'pinLines'];

/** The branches that a run has recorded; `undefined` in a state from before there were records. */
function recordsOf(inputs: Properties): BranchRecords | undefined {
  const branches = readOptional(inputs, 'branches', recordOf(object));
  if (branches === undefined) return undefined;
  const records = Object.entries(branches).map(([name, record]) => {
    const alias = readProperty(record, 'alias', parsed(parseTag));
    const commit = readProperty(record, 'commit', text);
    const committedAt = readProperty(record, 'committedAt', text);
    const commits = readOptional(record, 'commits', number);
    const recent = readOptional(record, 'recent', listOf(text));
    const found = readProperty(record, 'found', recordOf(listOf(text)));
    return [name, { alias, commit, committedAt, commits, recent, found }] as const;
  });
  return Object.fromEntries(records);
}

function pinLinesOf(inputs: Properties): PinLines {
  return readOptional(inputs, 'pinLines', recordOf(text)) ?? {};
}

function recordsOfBoth(olds: Properties, news: Properties) {
  const now = recordsOf(news) ?? {};
  return [recordsOf(olds) ?? now, now] as const;
}

/** Why a run must not go on, by the records of the run before: see `branchProblems` and `newPinProblems`. */
export function branchFailures(olds: Properties, news: Properties): readonly CheckFailure[] {
  const accept = readOptional(news, 'accept', listOf(text)) ?? [];
  const [before, now] = recordsOfBoth(olds, news);
  const problems = [
    ...branchProblems(before, now, accept),
    ...newPinProblems(pinLinesOf(olds), pinLinesOf(news)),
  ];
  // No property is named: the engine would print its value.
  return problems.map((reason) => ({ property: '', reason }));
}

/** A line for each branch that became supported, or no longer is. */
export function branchNews(olds: Properties, news: Properties, until: Date): readonly string[] {
  return formatBranchNews(compareBranches(...recordsOfBoth(olds, news)), until);
}

/** The keys of inputs without those in `COMPARED`; with `branches` if a branch entered or left. */
export function changedKeys(
  keys: readonly string[],
  olds: Properties,
  news: Properties,
): readonly string[] {
  const { entered, left } = compareBranches(...recordsOfBoth(olds, news));
  const isEvent = entered.length + left.length > 0;
  return keys.filter((key) => !COMPARED.includes(key) || (key === 'branches' && isEvent));
}
