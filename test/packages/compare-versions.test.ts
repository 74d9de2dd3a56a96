import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, splitVersion } from '../../src/packages/compare-versions.ts';

// Known pairs and generated ones, with the verdicts of `dpkg --compare-versions` 1.21 and of rpm.vercmp of rpm 4.18.
const COMPARED = readFileSync(join(import.meta.dirname, 'compared-versions.txt'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as ['deb' | 'rpm', string, '<' | '=' | '>', string]);

test('versions have the order that dpkg and rpm give them', () => {
  expect(COMPARED).toHaveLength(240);
  const found = COMPARED.map(([format, a, , b]) => [format, a, sign(format, a, b), b]);
  expect(found).toEqual(COMPARED);
  const turned = COMPARED.map(([format, a, , b]) => sign(format, b, a));
  expect(turned).toEqual(COMPARED.map(([, , order]) => ({ '<': '>', '=': '=', '>': '<' })[order]));
});

function sign(format: 'deb' | 'rpm', a: string, b: string): '<' | '=' | '>' {
  const order = compareVersions(format, a, b);
  if (order === 0) return '=';
  return order < 0 ? '<' : '>';
}

test.each([
  ['1:2.36-9+deb12u10', { epoch: '1', upstream: '2.36', release: '9+deb12u10' }],
  ['1.2-3-4', { epoch: '0', upstream: '1.2-3', release: '4' }],
  ['1.2', { epoch: '0', upstream: '1.2', release: '' }],
])('the parts of %s', (version, parts) => {
  expect(splitVersion(version)).toEqual(parts);
});

test.each(['deb', 'rpm'] as const)('%s: versions have one order, whatever they are', (format) => {
  const version = fc.string({
    unit: fc.constantFrom(...'0 1 a Z . - ~ ^ + :'.split(' ')),
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(version, { minLength: 3, maxLength: 3 }), (versions) => {
      const [a = '', b = '', c = ''] = versions.toSorted((x, y) => compareVersions(format, x, y));
      expect(sign(format, a, a)).toBe('=');
      expect([sign(format, a, b), sign(format, b, c), sign(format, a, c)]).not.toContain('>');
      expect([sign(format, b, a), sign(format, c, b), sign(format, c, a)]).not.toContain('<');
    }),
  );
});
