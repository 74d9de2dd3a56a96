import { describe, expect, it, test } from 'vitest';
import {
  listOf,
  number,
  object,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
  type Reader,
} from '../../../infra/oci/protocol/read-property.ts';
import { UNKNOWN, type PropertyValue } from '../../../infra/oci/protocol/resource-type.ts';
import { parseTag } from '../../../src/image-reference.ts';

const VALUES: readonly PropertyValue[] = [
  ...[null, true, 7, 'a', ''],
  UNKNOWN,
  ...[[], ['a'], ['a', 7], [['a']], {}, { key: 'a' }, { key: 7 }, { key: { key: 'a' } }],
];

test.each<[string, Reader<unknown>, readonly PropertyValue[]]>([
  ['a text', text, ['a', '']],
  ['a number', number, [7]],
  ['a tag', parsed(parseTag), ['a']],
  ['an object', object, [{}, { key: 'a' }, { key: 7 }, { key: { key: 'a' } }]],
  ['a list of texts', listOf(text), [[], ['a']]],
  ['a list of lists', listOf(listOf(text)), [[], [['a']]]],
  ['texts by name', recordOf(text), [{}, { key: 'a' }]],
  ['objects by name', recordOf(object), [{}, { key: { key: 'a' } }]],
])('%s is read as it is, and nothing else is', (_, reader, readable) => {
  expect(VALUES.filter((value) => reader(value) !== undefined)).toEqual(readable);
  expect(readable.map((value) => reader(value))).toEqual(readable);
  expect(reader(undefined)).toBeUndefined();
});

describe('a property', () => {
  it('is named when a state that somebody edited has another', () => {
    expect(() => readProperty({ size: 'x' }, 'size', number)).toThrow(
      'STATE_UNREADABLE  size is not what a run has written there; restore the state of before',
    );
    expect(() => readProperty({}, 'size', number)).toThrow('size is not there');
  });

  it('that may be absent is absent, but not another', () => {
    expect(readOptional({}, 'tag', text)).toBeUndefined();
    expect(readOptional({ tag: 'a' }, 'tag', text)).toBe('a');
    expect(() => readOptional({ tag: 7 }, 'tag', text)).toThrow('STATE_UNREADABLE  tag');
  });
});
