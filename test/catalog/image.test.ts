import { expect, test } from 'vitest';
import { checksumAlgorithm, parseChecksum } from '../../src/catalog/image.ts';

const SHA256 = `sha256:${'a'.repeat(64)}`;
const SHA512 = `sha512:${'0'.repeat(128)}`;

test.each([SHA256, SHA512])('%s is a checksum', (text) => {
  const checksum = parseChecksum(text);
  expect(checksum).toBe(text);
  expect(checksum && checksumAlgorithm(checksum)).toBe(text.slice(0, 6));
});

test.each([
  { rule: 'empty', text: '' },
  { rule: 'without a sum', text: 'sha256:' },
  { rule: 'too short', text: SHA256.slice(0, -1) },
  { rule: 'as long as that of another algorithm', text: `sha512:${'a'.repeat(64)}` },
  { rule: 'in upper case', text: SHA256.replaceAll('a', 'A') },
  { rule: 'of an algorithm that is broken', text: `md5:${'a'.repeat(32)}` },
  { rule: 'without its algorithm', text: 'a'.repeat(64) },
  { rule: 'with more after it', text: `${SHA256}\n` },
])('a checksum is not $rule', ({ text }) => {
  expect(parseChecksum(text)).toBeUndefined();
});
