import { expect, test } from 'vitest';
import { closest } from '../../src/yaml/wording.ts';

const KEYS = ['version', 'versions', 'context', 'args', 'base'];

test.each([
  ['versoin', 'version'],
  ['versions', 'versions'],
  ['verions', 'versions'],
  ['Context', 'context'],
  ['contexts', 'context'],
  ['arg', 'args'],
  ['bsae', 'base'],
])('%s was meant to be %s', (written, meant) => {
  expect(closest(written, KEYS)).toBe(meant);
});

test.each(['', 'x', 'owner', 'labels', 'z'.repeat(100_000)])(
  '%# is like none of them',
  (written) => {
    expect(closest(written, KEYS)).toBeUndefined();
  },
);
