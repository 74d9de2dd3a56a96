import { expect, test } from 'vitest';
import {
  PUBLISH_ONLY,
  publishedOnly,
  publishOnlyVariables,
  targetsOf,
} from '../../src/plan/publish-only.ts';

test.each([true, false])(
  'a run with the targets of an image publishes it (isEmpty: %s)',
  (isEmpty) => {
    const variables = publishOnlyVariables('alpha', targetsOf('alpha', { isEmpty }));
    expect(publishedOnly(variables)).toBe('alpha');
  },
);

test('a run without the variable publishes all, whatever its targets', () => {
  expect(publishedOnly({ PULUMI_OPTION_TARGET: 'x' })).toBeUndefined();
  expect(publishedOnly({ [PUBLISH_ONLY]: '' })).toBeUndefined();
});

test.each([
  ['no targets', {}],
  ['those of another image', publishOnlyVariables('beta', targetsOf('beta', { isEmpty: false }))],
  ['only some', publishOnlyVariables('alpha', targetsOf('alpha', { isEmpty: false }).slice(1))],
])('a run with %s is refused', (_, variables) => {
  expect(() => publishedOnly({ ...variables, [PUBLISH_ONLY]: 'alpha' })).toThrow(
    /PUBLISH_WITHOUT_TARGETS[^]*delete all else[^]*images -- publish alpha/,
  );
});
