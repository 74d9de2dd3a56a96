import fc from 'fast-check';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { describe, expect, it } from 'vitest';
import {
  propertiesFromStruct,
  structFromProperties,
} from '../../../infra/oci/protocol/properties.ts';
import { UNKNOWN, type PropertyValue } from '../../../infra/oci/protocol/resource-type.ts';

// The protobuf library builds plain objects, in which a key `__proto__` is no key.
const key = fc.string().filter((text) => text !== '__proto__');

const { value } = fc.letrec<{ value: PropertyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string(),
    fc.constant<typeof UNKNOWN>(UNKNOWN),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  ),
}));

describe('properties of the plug-in protocol', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (properties) => {
        expect(propertiesFromStruct(structFromProperties(properties))).toEqual(properties);
      }),
    );
  });

  it('are none where the engine sent none', () => {
    expect(propertiesFromStruct(undefined)).toEqual({});
  });

  it('lose the wrapping of a secret, wherever it is', () => {
    const secret = {
      '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
      value: 'hush',
    };
    const struct = structPb.Struct.fromJavaScript({ password: secret, list: [secret] });
    expect(propertiesFromStruct(struct)).toEqual({ password: 'hush', list: ['hush'] });
  });
});
