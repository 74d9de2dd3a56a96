import { z } from 'zod';

// JSON mapping of google.protobuf.Duration: seconds, up to nine fractional digits, then an "s".
const DURATION = /^(-?\d{1,12})(?:\.(\d{1,9}))?s$/;

/** A duration as Google's JSON has it, such as `2592000s`; `30d` is none. Parses to its shortest form. */
export const Duration = z
  .string()
  .regex(DURATION, 'type.googleapis.com/google.protobuf.Duration; it must end with "s"')
  .transform(normalise);

/** Milliseconds. The text is one that `Duration` lets through. */
export function millisecondsOf(duration: string): number {
  return Number(duration.slice(0, -1)) * 1000;
}

function normalise(text: string): string {
  const [, seconds = '0', fraction = ''] = DURATION.exec(text) ?? [];
  const digits = fraction.replace(/0+$/, '');
  // Google writes 0, 3, 6 or 9 fractional digits.
  const padded = digits.padEnd(Math.ceil(digits.length / 3) * 3, '0');
  return `${seconds.replace(/^(-?)0+(?=\d)/, '$1')}${padded === '' ? '' : `.${padded}`}s`;
}
