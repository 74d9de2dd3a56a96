import { DAY_MS, formatDay } from '../dates.ts';

/** Days since 1970 of a day such as `2026-12-01`. */
export function dayNumber(day: string): number {
  return Date.parse(day) / DAY_MS;
}

export function dayOf(number: number): string {
  return formatDay(new Date(number * DAY_MS));
}

export function dayAfter(day: string): string {
  return dayOf(dayNumber(day) + 1);
}

/** The time from one day to another, as people say it. */
export function ageAt(day: string, since: string | undefined): string {
  if (since === undefined) return 'unknown';
  const days = dayNumber(day) - dayNumber(since);
  if (days <= 0) return 'today';
  return days === 1 ? '1 day' : `${days} days`;
}

/** Days in a row, and where each is among them. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}

/** The position of a day on the scale, from 0 to 1. A day outside of the scale is at its nearer end. */
export function position({ from, to }: Scale, day: string): number {
  return Math.min(Math.max((dayNumber(day) - from) / (to - from), 0), 1);
}

/** A part from 0 to 1 as a percentage with one digit, for drawings that stretch with the page. */
export function percent(part: number): string {
  return `${Number((part * 100).toFixed(1))}%`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The most ticks that have room on a phone. */
const MOST_TICKS = 6;

/** Firsts of months with their names, a January by its year; not at the very ends, where a name has no room. */
export function monthTicks(
  scale: Scale,
): readonly { readonly at: number; readonly name: string }[] {
  const first = new Date(scale.from * DAY_MS);
  const last = new Date(scale.to * DAY_MS);
  const start = first.getUTCFullYear() * 12 + first.getUTCMonth() + 1;
  const end = last.getUTCFullYear() * 12 + last.getUTCMonth();
  const step = [1, 2, 3, 6, 12].find((each) => (end - start) / each < MOST_TICKS) ?? 24;
  const months = Array.from({ length: Math.max(end - start + 1, 0) }, (_, at) => start + at);
  return months
    .filter((month) => month % step === 0)
    .map((month) => {
      const [year, at] = [Math.floor(month / 12), month % 12];
      const day = dayOf(Date.UTC(year, at) / DAY_MS);
      return { at: position(scale, day), name: at === 0 ? String(year) : (MONTHS[at] ?? '') };
    })
    .filter(({ at }) => at > 0.04 && at < 0.96);
}
