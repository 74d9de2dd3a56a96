// Tests with random or large input use a tenth of it in `npm test`, and all of it in `npm run soak`.

/** What everything random is drawn from. `npm test` draws the same each time. */
export const SEED = Number(process.env['SOAK_SEED'] ?? 20);

/** So many of `whole` as this run looks at: all, or one in `part`, but never less than `least`. */
export function share(whole: number, least = 1, part = 10): number {
  return process.env['SOAK_SEED'] === undefined ? Math.max(least, Math.ceil(whole / part)) : whole;
}
