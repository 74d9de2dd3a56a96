import { expect, test } from 'vitest';
import { messageJson } from '../../../../infra/sandbox/emulators/google/message-json.ts';

test('the JSON of a message leaves out defaults, but no empty message and no entry of a map', () => {
  const fields = { no: false, none: [], zero: 0, empty: '', gone: undefined, headers: {} };
  const kept = { text: 'x', dockerConfig: {}, labels: { team: '' } };
  const both = { ...fields, ...kept };
  const message = { ...both, list: [both], cleanupPolicies: { old: both } };
  expect(messageJson(message)).toEqual({ ...kept, list: [kept], cleanupPolicies: { old: kept } });
});
