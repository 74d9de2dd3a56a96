import { z } from 'zod';

/** Google's JSON of a google.protobuf.Duration, such as `2592000s`; `30d` is none. */
export const Duration = z
  .string()
  .regex(
    /^\d{1,12}(?:\.\d{1,9})?s$/,
    'type.googleapis.com/google.protobuf.Duration; it must end with "s" and not be negative',
  );

/** Milliseconds of a text that `Duration` accepts. */
export function millisecondsOf(duration: string): number {
  return Number(duration.slice(0, -1)) * 1000;
}

/** A text of at most so many characters. */
export function textUpTo(length: number) {
  return z.string().max(length, `at most ${length} characters`);
}

const LABEL = 'lower-case letters, digits, "_" and "-", at most 63';

/** Labels, by the grammar that all Google APIs share ("Requirements for labels"). */
export const Labels = z.record(
  z.string().regex(/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u, `label key: ${LABEL}`),
  z.string().regex(/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u, `label value: ${LABEL}`),
);
