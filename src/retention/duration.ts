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
