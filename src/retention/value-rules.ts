import type { ValueRule } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseTag } from '../image-reference.ts';
import { parseAllowEntry } from './retention.ts';

/**
 * Every mistake that a retention file can hold, for programs to tell apart. The names are stable: prose
 * may change, a code never changes its meaning.
 */
export const RETENTION_PROBLEM_CODES = [
  // The file
  'FILE_MISSING',
  'FILE_TOO_LARGE',
  'NOT_UTF8',
  'YAML_SYNTAX',
  'YAML_ALIASES',
  // Its shape
  'UNKNOWN_KEY',
  'MISSING_KEY',
  'WRONG_TYPE',
  'UNQUOTED_VALUE',
  // Values
  'INVALID_DURATION',
  'INVALID_COUNT',
  'INVALID_ALIAS',
  'INVALID_ENTRY',
  'DUPLICATE_ENTRY',
  // Sources
  'INVALID_SOURCE_NAME',
  'INVALID_REPOSITORY',
  'INVALID_BRANCH',
  'INVALID_PATH',
  'INVALID_GLOB',
  'INVALID_PATTERN',
  'INVALID_TEMPLATE',
  // What Artifact Registry takes
  'TOO_MANY_POLICIES',
] as const;

export type RetentionProblemCode = (typeof RETENTION_PROBLEM_CODES)[number];

type RetentionRule<Value = string> = ValueRule<RetentionProblemCode, Value>;

/** The largest number of versions of an image that stay by number alone. */
export const MOST_KEPT = 1000;

/** How the number of versions that stay is written, for whoever wrote another. */
export const COUNT_SHAPE = `a whole number from 1 to ${MOST_KEPT}, without quotes`;

export const durationRule: RetentionRule = (text) => {
  if (parseDuration(text) !== undefined) return undefined;
  const problem = `${quote(text)} is no duration that can be used`;
  return { code: 'INVALID_DURATION', problem, remedy: `write ${DURATION_SHAPE}` };
};

/** At least one: the newest version is what an image's users run. */
export const countRule: RetentionRule<number> = (count) => {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_KEPT) return undefined;
  const problem = `${count} is no number of versions that can be kept`;
  return { code: 'INVALID_COUNT', problem, remedy: `write ${COUNT_SHAPE}` };
};

/** Above all, not the empty text, which is a prefix of every tag. */
export const aliasRule: RetentionRule = (text) => {
  if (parseTag(text) !== undefined) return undefined;
  return {
    code: 'INVALID_ALIAS',
    problem: `${quote(text)} can't be a tag`,
    remedy: 'write an alias such as latest, without image and colon',
  };
};

export const entryRule: RetentionRule = (text) => {
  if (parseAllowEntry(text) !== undefined) return undefined;
  return {
    code: 'INVALID_ENTRY',
    problem: `${quote(text)} names no image, nor versions of one`,
    remedy: meantEntry(text) ?? 'write image, image:tag or image@sha256:<64 hexadecimal digits>',
  };
};

/** For full references, and for a tag beside a digest, which is all that counts then. */
function meantEntry(text: string): string | undefined {
  const name = text.slice(text.lastIndexOf('/') + 1);
  const entry = [name, name.replace(/:[^:@]*@/, '@')].find(
    (candidate) => parseAllowEntry(candidate) !== undefined,
  );
  return entry === undefined ? undefined : `write it as ${entry}`;
}

const DURATION = /^([1-9]\d{0,6})([hdw])$/;

const HOUR = 3600;
const DAY = 24 * HOUR;
const SECONDS = new Map([
  ['h', HOUR],
  ['d', DAY],
  ['w', 7 * DAY],
]);

/** A shorter time would delete what is still being pushed, or what a run has only just begun to use. */
const SHORTEST = DAY;
/** Ten years: longer is a slip of the pen. */
const LONGEST = 3650 * DAY;

/** How durations are written and how long they may be, for whoever wrote one that is refused. */
export const DURATION_SHAPE = 'hours, days or weeks such as 36h, 90d or 2w, from 1d to 3650d';

/** The seconds of `36h`, `90d` or `2w`; `undefined` for anything else and beyond the limits. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = DURATION.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS.get(unit) ?? NaN);
  return seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}

/** Seconds as such a duration, in days where they are whole ones. */
export function formatDuration(seconds: number): string {
  return seconds % DAY === 0 ? `${seconds / DAY}d` : `${seconds / HOUR}h`;
}
