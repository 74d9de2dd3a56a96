const ISO_DATE = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

export const DAY_MS = 86_400_000;

/** The day in UTC, such as `2027-03-01`. */
export function formatDay(date: Date): string {
  return date.toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/**
 * The date of a text such as `2027-03-01`, which is the time at which the day begins in UTC, or
 * `2027-03-01T12:00:00Z`; `undefined` for anything else.
 */
export function parseDate(text: string): Date | undefined {
  const [, day = ''] = ISO_DATE.exec(text) ?? [];
  const [date, start] = [new Date(text), new Date(day)];
  if (Number.isNaN(date.getTime()) || Number.isNaN(start.getTime())) return undefined;
  // Date reads a day that does not exist as one of the next month.
  return start.toISOString().startsWith(day) ? date : undefined;
}
