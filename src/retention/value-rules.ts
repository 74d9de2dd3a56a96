import { SOURCE_CODES } from '../branches/source-rules.ts';
import type { ValueRule } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { parseTag } from '../image-reference.ts';
import { parseAllowEntry } from './retention.ts';

/** All problem codes of a retention file. The names are stable, and never change their meaning. */
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
  'INVALID_ENTRY',
  ...SOURCE_CODES,
  // The limit of Artifact Registry
  'TOO_MANY_POLICIES',
] as const;

export type RetentionProblemCode = (typeof RETENTION_PROBLEM_CODES)[number];

type RetentionRule<Value = string> = ValueRule<RetentionProblemCode, Value>;

/** The largest `keepNewest`. */
export const MOST_KEPT = 1000;

/** How to write `keepNewest`, for remedies. */
export const COUNT_SHAPE = `a whole number from 1 to ${MOST_KEPT}, without quotes`;

export const durationRule: RetentionRule = (text) => {
  if (parseDuration(text) !== undefined) return undefined;
  const problem = `${quote(text)} is no duration that can be used`;
  return { code: 'INVALID_DURATION', problem, remedy: `write ${DURATION_SHAPE}` };
};

/** The minimum is one: users of an image run its newest version. */
export const countRule: RetentionRule<number> = (count) => {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_KEPT) return undefined;
  const problem = `${count} is no number of versions that can be kept`;
  return { code: 'INVALID_COUNT', problem, remedy: `write ${COUNT_SHAPE}` };
};

/** The empty text must be rejected: it is a prefix of every tag. */
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

/** The entry for a full reference, without its path and without a tag beside a digest. */
function meantEntry(text: string): string | undefined {
  const entry = text.slice(text.lastIndexOf('/') + 1).replace(/:[^:@]*@/, '@');
  return parseAllowEntry(entry) === undefined ? undefined : `write it as ${entry}`;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const SECONDS: Readonly<Record<string, number>> = { h: HOUR, d: DAY, w: 7 * DAY };

/** A shorter time would delete versions that are still being pushed or were only just pulled. */
const SHORTEST = DAY;
/** Ten years; a longer time is a typing error. */
const LONGEST = 3650 * DAY;

/** How to write a duration, for remedies. */
export const DURATION_SHAPE = 'hours, days or weeks such as 36h, 90d or 2w, from 1d to 3650d';

/** The seconds of `36h`, `90d` or `2w`; `undefined` for anything else and beyond the limits. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([hdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? NaN);
  return seconds >= SHORTEST && seconds <= LONGEST ? seconds : undefined;
}

/** Writes seconds as a duration, in days if they are whole days. */
export function formatDuration(seconds: number): string {
  return seconds % DAY === 0 ? `${seconds / DAY}d` : `${seconds / HOUR}h`;
}
