import { expect, test } from 'vitest';
import { isCron } from '../../src/settings/schedule.ts';

test.each([
  '* * * * *',
  '0 0 1 1 0',
  '59 23 31 12 7',
  '*/15 9-17 * * 1-5',
  '0,30 0 1,15 JAN-mar,dec mon',
  '0-30/10 */2 * * *',
  ' 0  3 * *  sun ',
])('%j is a schedule', (text) => {
  expect(isCron(text)).toBe(true);
});

test.each([
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 13 * ',
  '* * * 0 *',
  '* * * * 8',
  '-1 * * * *',
  '30-10 * * * *',
  '*/0 * * * *',
  '*/x * * * *',
  '5/10 * * * *',
  '1,,2 * * * *',
  '1-2-3 * * * *',
  '* * * mon *',
  '@daily',
  'every 5 minutes',
])('%j is none', (text) => {
  expect(isCron(text)).toBe(false);
});
