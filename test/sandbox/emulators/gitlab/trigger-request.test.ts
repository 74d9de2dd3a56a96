import { describe, expect, test } from 'vitest';
import { readTrigger } from '../../../../infra/sandbox/emulators/gitlab/trigger-request.ts';

const TOKEN = 'glptt-0123';
const FORM = 'application/x-www-form-urlencoded';
const read = (body: string, type: string | undefined = FORM, project = '1') =>
  readTrigger(project, type, body, TOKEN);

const NOT_FOUND = { status: 404, body: { message: '404 Not Found' } };

describe('a trigger of GitLab’s', () => {
  test.each([
    ['a form', `token=${TOKEN}&ref=main`, FORM],
    ['a form with a character set', `ref=main&token=${TOKEN}`, `${FORM}; charset=utf-8`],
    ['JSON', JSON.stringify({ token: TOKEN, ref: 'main' }), 'application/json'],
  ])('is taken as %s', (_, body, type) => {
    expect(read(body, type)).toEqual({ ref: 'main' });
  });

  test('decodes what a form has encoded', () => {
    expect(read(`token=${TOKEN}&ref=feature%2Fa+b`)).toEqual({ ref: 'feature/a b' });
  });

  test.each([
    ['ref=main', 'token is missing'],
    [`token=${TOKEN}`, 'ref is missing'],
    ['', 'ref is missing, token is missing'],
  ])('with the body %j is refused: %s', (body, error) => {
    expect(read(body)).toEqual({ status: 400, body: { error } });
  });

  test('without a body and its type lacks both', () => {
    expect(readTrigger('1', undefined, '', TOKEN)).toMatchObject({ status: 400 });
  });

  test('with another token, and for another project, is not found: neither is confirmed', () => {
    expect(read('token=glptt-0124&ref=main')).toEqual(NOT_FOUND);
    expect(read(`token=${TOKEN}&ref=main`, FORM, '2')).toEqual(NOT_FOUND);
    expect(read('token=&ref=main')).toEqual(NOT_FOUND);
  });

  test.each([
    [`token=${TOKEN}&ref=main&variables[A]=b`, FORM],
    [JSON.stringify({ token: TOKEN, ref: 'main', variables: { A: 'b' } }), 'application/json'],
  ])('may set no variables: %s', (body, type) => {
    expect(read(body, type)).toMatchObject({ status: 400 });
  });

  test('of another type, or that is no JSON, is refused', () => {
    expect(read('ref=main', 'text/plain')).toMatchObject({ status: 415 });
    expect(read('ref=main', 'application/json')).toMatchObject({ status: 400 });
  });
});
