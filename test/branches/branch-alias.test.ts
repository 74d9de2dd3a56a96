import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graceMarker, markedAt } from '../../src/branches/branch-alias.ts';

test('a marker tells the time to the second, in UTC', () => {
  const marker = graceMarker(new Date('2026-11-24T17:30:00.999Z'));
  expect(marker).toBe('unreferenced-20261124T173000Z');
  expect(markedAt(marker)).toEqual(new Date('2026-11-24T17:30:00Z'));
});

test('what is written at any second is read back', () => {
  const seconds = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(seconds, (date) => {
      const whole = Math.floor(date.getTime() / 1000) * 1000;
      expect(markedAt(graceMarker(date))?.getTime()).toBe(whole);
    }),
  );
});

test('markers in the order of their text are in the order of time', () => {
  const dates = [new Date('2026-12-31T23:59:59Z'), new Date('2027-01-01T00:00:00Z')];
  const markers = dates.map(graceMarker);
  expect(markers.toSorted()).toEqual(markers);
});

test.each([
  'latest',
  'unreferenced',
  'unreferenced-2026-11-24',
  'unreferenced-20261124T173000',
  'unreferenced-20260230T000000Z',
  'unreferenced-20261124T246000Z',
  'unreferenced-20261324T000000Z',
  'Unreferenced-20261124T173000Z',
  'x-unreferenced-20261124T173000Z',
  'unreferenced-20261124T173000Z\n',
])('%j is no marker', (tag) => {
  expect(markedAt(tag)).toBeUndefined();
});
