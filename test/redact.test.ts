import { expect, test } from 'vitest';
import { redact } from '../src/redact.ts';

test('a quoted output has no secrets, and no accounts in its URLs', () => {
  const output = 'fatal: https://ci:t0k@git.test/a: t0k is no token\nssh://git@git.test';
  expect(redact(output, ['', 't0k'])).toBe(
    'fatal: https://***@git.test/a: *** is no token | ssh://***@git.test',
  );
});

test('a quoted output is one line without control characters', () => {
  expect(redact('  one\u001B[31m\r\n\n two ', [])).toBe('one [31m | two');
});
