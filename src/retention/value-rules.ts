import type { ValueRule } from '../yaml/value-rule.ts';
import { quote } from '../yaml/wording.ts';
import { parseTag } from '../image-reference.ts';
import { parseAllowEntry } from './allow-entry.ts';
import { DURATION_SHAPE, parseDuration } from './duration.ts';
import type { RetentionProblemCode } from './problem-code.ts';

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
