import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourceDateEpoch } from '../../src/catalog/build-arguments.ts';

test.each([
  ['1970-01-01', '0'],
  ['1970-01-02', '86400'],
  ['2024-03-01', '1709251200'], // 19 783 days × 86 400: 54 years with 13 leap days, then 31 + 29 days
  ['2026-11-01', '1793491200'],
])('%s begins %s seconds after 1970, in UTC', (snapshot, seconds) => {
  expect(sourceDateEpoch(snapshot)).toBe(seconds);
});

test('it is the midnight that the date begins with, whichever day it is', () => {
  const day = fc.integer({ min: 0, max: 47_000 });
  const property = fc.property(day, (days) => {
    const snapshot = new Date(days * 86_400_000).toISOString().slice(0, 10);
    expect(sourceDateEpoch(snapshot)).toBe(String(days * 86_400));
  });
  fc.assert(property);
});
