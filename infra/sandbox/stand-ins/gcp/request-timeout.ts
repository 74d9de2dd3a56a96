/** Milliseconds of each unit. */
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

/**
 * How long one try of a call may take, in milliseconds, from the plug-in's setting `requestTimeout`: a
 * duration as Go has it, such as `90s` or `1m30s`. `undefined` where it is none, or no time at all.
 */
export function parseRequestTimeout(text: string): number | undefined {
  if (text.replaceAll(PART, '') !== '') return undefined;
  const parts = [...text.matchAll(PART)].map(
    ([, amount, unit]) => Number(amount) * UNITS[unit as keyof typeof UNITS],
  );
  const milliseconds = Math.round(parts.reduce((sum, part) => sum + part, 0));
  return milliseconds > 0 ? milliseconds : undefined;
}
