import { describe, expect, test } from 'vitest';
import { redact } from '../src/redact.ts';

describe('what git said is told', () => {
  test('without secrets, and without what stands before the @ of a URL', () => {
    const said = 'fatal: https://ci:t0k@git.test/a: t0k is no token\nssh://git@git.test';
    expect(redact(said, ['', 't0k'])).toBe(
      'fatal: https://***@git.test/a: *** is no token | ssh://***@git.test',
    );
  });

  test('in a line, without what moves a cursor', () => {
    expect(redact('  one\u001B[31m\r\n\n two ', [])).toBe('one [31m | two');
  });
});
