import { expect, test } from 'vitest';
import { ageAt, dayNumber, dayOf, monthTicks, position } from '../../src/page/days.ts';

test('counts days over the ends of months and years', () => {
  expect(dayOf(dayNumber('2026-12-31') + 1)).toBe('2027-01-01');
  expect(ageAt('2027-01-01', '2026-12-31')).toBe('1 day');
  expect(ageAt('2027-03-01', '2027-02-01')).toBe('28 days');
  expect(ageAt('2027-03-01', '2027-03-01')).toBe('today');
  expect(ageAt('2027-03-01', undefined)).toBe('unknown');
  // By a clock that is ahead.
  expect(ageAt('2027-03-01', '2027-03-02')).toBe('today');
});

const scaleOf = (from: string, to: string) => ({ from: dayNumber(from), to: dayNumber(to) });

test('puts a day between the ends, and what is beyond at them', () => {
  const scale = scaleOf('2026-12-01', '2026-12-11');
  expect(
    ['2026-11-01', '2026-12-01', '2026-12-06', '2027-01-01'].map((day) => position(scale, day)),
  ).toEqual([0, 0, 0.5, 1]);
});

test.each([
  ['2026-10-05', '2027-02-20', ['Nov', 'Dec', '2027', 'Feb']],
  ['2026-01-10', '2026-12-20', ['Mar', 'May', 'Jul', 'Sep', 'Nov']],
  ['2020-05-05', '2026-12-20', ['2022', '2024', '2026']],
  ['2026-12-03', '2026-12-20', []],
])('has few ticks from %s to %s', (from, to, names) => {
  expect(monthTicks(scaleOf(from, to)).map(({ name }) => name)).toEqual(names);
});
