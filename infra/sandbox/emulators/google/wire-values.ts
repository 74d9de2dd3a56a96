import { z } from 'zod';
import { invalidArgument } from './api-error.ts';

/** A 32-bit integer, which a message's JSON may also hold as a string. */
export const Int = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^-?\d+$/)
        .transform(Number),
    ],
    'TYPE_INT32',
  )
  .refine((value) => Math.abs(value) < 2 ** 31, 'TYPE_INT32');

/** Bytes in base64, with or without padding, in either alphabet. */
export const Base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'TYPE_BYTES');

/** Labels; what their keys and values may hold is checked by `checkLabels`. */
export const Labels = z.record(z.string(), z.string());

const MOST_LABELS = 64;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Refuses labels beyond the grammar that all Google APIs share ("Requirements for labels"). */
export function checkLabels(labels: z.infer<typeof Labels> = {}): void {
  const entries = Object.entries(labels);
  if (entries.length > MOST_LABELS) {
    throw invalidArgument(`a resource has at most ${MOST_LABELS} labels, not ${entries.length}`);
  }
  for (const [key, value] of entries) {
    if (!LABEL_KEY.test(key)) {
      throw invalidArgument(
        `invalid label key "${key}": lower-case letters, digits, "_" and "-", a letter first, at most 63`,
      );
    }
    if (!LABEL_VALUE.test(value)) {
      throw invalidArgument(
        `invalid value "${value}" of the label "${key}": lower-case letters, digits, "_" and "-", at most 63`,
      );
    }
  }
}
