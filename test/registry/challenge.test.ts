import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../src/registry/authorization.ts';

describe('parseChallenges', () => {
  test.each([
    { header: '', expected: [] },
    { header: 'Basic', expected: [{ scheme: 'basic', parameters: {} }] },
    {
      header: 'Bearer Realm="https://a/t",service=x',
      expected: [{ scheme: 'bearer', parameters: { realm: 'https://a/t', service: 'x' } }],
    },
    {
      header: 'Basic realm="a, b=\\"c\\"", Bearer realm="https://a/t",scope="x:y:pull,push"',
      expected: [
        { scheme: 'basic', parameters: { realm: 'a, b="c"' } },
        { scheme: 'bearer', parameters: { realm: 'https://a/t', scope: 'x:y:pull,push' } },
      ],
    },
  ])('reads $header', ({ header, expected }) => {
    expect(parseChallenges(header)).toEqual(expected);
  });
});
