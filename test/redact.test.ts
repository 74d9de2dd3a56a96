import { describe, expect, test } from 'vitest';
import { redact } from '../src/redact.ts';

test('a quoted output has no secrets, and no accounts in its URLs', () => {
  const output = 'fatal: https://ci:t0k@git.test/a: t0k is no token\nssh://git@git.test';
  expect(redact(output, ['', 't0k'])).toBe(
    'fatal: https://***@git.test/a: *** is no token | ssh://***@git.test',
  );
});

test('a password with an @ is struck out to its end', () => {
  expect(redact('at https://ci:p@ss@git.test/a@b, by me@git.test', [])).toBe(
    'at https://***@git.test/a@b, by me@git.test',
  );
});

test('a quoted output is one line without control characters', () => {
  expect(redact('  one\u001B[31m\r\n\n two ', [])).toBe('one [31m | two');
});

describe('a secret is struck out', () => {
  const SECRET = 'p+ss/wörd =?~';
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const url64 = (text: string) => Buffer.from(text).toString('base64url');
  test.each([
    ['as it is', SECRET],
    ['of a URL', encodeURIComponent(SECRET)],
    ['of a URL, in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['of a form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['in base64', base64(SECRET)],
    ['in base64 after one byte', base64(`:${SECRET}`)],
    ['in base64 after two bytes, with more behind it', base64(`u:${SECRET}-more`)],
    ['in base64 after three bytes', base64(`me:${SECRET}`)],
    ['in base64 for URLs', url64(`me:${SECRET}:`)],
  ])('%s', (_, written) => {
    const clean = redact(`sent ${written} there`, [SECRET]);
    expect(clean).toMatch(/^sent .{0,6}\*\*\*.{0,8} there$/);
  });

  test('without what a short one may be in base64 by chance', () => {
    expect(redact('ab YWI= YWIx', ['ab'])).toBe('*** YWI= YWIx');
  });

  test('whole where it begins with another', () => {
    expect(redact('token-and-more', ['token', 'token-and-more'])).toBe('***');
  });
});
