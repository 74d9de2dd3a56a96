import { expect, test } from 'vitest';
import { messageJson } from '../../../../infra/sandbox/emulators/google/message-json.ts';

test('leaves out what has the default of its type, at any depth', () => {
  const inner = { no: false, none: [], zero: 0, empty: '', gone: undefined, stays: 'x' };
  expect(messageJson({ ...inner, message: inner, list: [inner] })).toEqual({
    stays: 'x',
    message: { stays: 'x' },
    list: [{ stays: 'x' }],
  });
});

test('keeps an empty message, and every entry of a map that has any', () => {
  expect(messageJson({ dockerConfig: {}, labels: { team: '' }, headers: {} })).toEqual({
    dockerConfig: {},
    labels: { team: '' },
  });
  expect(
    messageJson({ cleanupPolicies: { old: { id: 'old', condition: { tagPrefixes: [] } } } }),
  ).toEqual({
    cleanupPolicies: { old: { id: 'old', condition: {} } },
  });
});
