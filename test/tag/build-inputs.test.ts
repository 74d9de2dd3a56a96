import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BUILD_INPUTS,
  type BuildInputs,
  changedInputs,
  immutableTag,
} from '../../src/tag/build-inputs.ts';

const hash = fc.constantFrom('a', 'b').map((digit) => digit.repeat(64));
const inputs = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...BUILD_INPUTS), hash), { selector: ([name]) => name })
  .map((entries): BuildInputs => Object.fromEntries(entries));

test('a tag has 32 hexadecimal digits', () => {
  expect(immutableTag({ base: 'a'.repeat(64) })).toMatch(/^[0-9a-f]{32}$/);
});

test('tags that are published stay what they are: the encoding never changes', () => {
  // sha256('[["base","aa…"],["context","bb…"]]'), by sha256sum.
  const known = { context: 'b'.repeat(64), base: 'a'.repeat(64) };
  expect(immutableTag(known)).toBe('a25945b31ab8798bd470b7f1b79f174d');
});

test('two tags are equal exactly when no build input differs', () => {
  const property = fc.property(inputs, inputs, (a, b) => {
    expect(immutableTag(a) === immutableTag(b)).toBe(changedInputs(a, b).length === 0);
  });
  fc.assert(property, { numRuns: 300 });
});

test('the order of the build inputs does not matter', () => {
  const property = fc.property(inputs, (some) => {
    const reversed: BuildInputs = Object.fromEntries(Object.entries(some).reverse());
    expect(immutableTag(reversed)).toBe(immutableTag(some));
  });
  fc.assert(property);
});

test('a change is explained by the build inputs that differ, come or go', () => {
  const old = { base: 'a', context: 'b', snapshot: 'c' };
  const now = { base: 'a', context: 'x', target: 'd' };
  expect(changedInputs(old, now)).toEqual(['context', 'target', 'snapshot']);
});
