import { InvalidArgumentError } from 'commander';

/**
 * When a forecast looks: a day is its beginning in UTC, and a time of today that has passed is now. No
 * earlier day: the registry's inventory is of now, and does not tell what was there then.
 */
export function parseForecastDay(text: string): Date {
  const date = new Date(text);
  const isIso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(
    text,
  );
  if (!isIso || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('Write a date such as 2027-03-01 or 2027-03-01T12:00:00Z.');
  }
  const now = new Date();
  if (date >= now) return date;
  const today = now.toISOString().slice(0, 10);
  if (date >= new Date(today)) return now;
  throw new InvalidArgumentError(`A forecast looks ahead: write today, ${today}, or a later day.`);
}
