import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { diffImage } from '../../../../infra/sandbox/stand-ins/docker/image-resource.ts';

const BEFORE: Properties = {
  imageName: 'registry.example/app:v1',
  build: { context: 'app', args: { A: '1' }, contextDigest: 'abc', target: null },
  registry: { server: 'registry.example', username: 'me', password: 'old' },
  skipPush: false,
};
const BUILD = BEFORE['build'] as Properties;
const REGISTRY = BEFORE['registry'] as Properties;

describe('diffImage', () => {
  test.each<[string, Properties, readonly string[]]>([
    ['nothing', {}, []],
    ['the name', { imageName: 'registry.example/app:v2' }, ['imageName']],
    ['an argument', { build: { ...BUILD, args: { A: '2' } } }, ['build']],
    ['an argument that is not known yet', { build: { ...BUILD, args: { A: UNKNOWN } } }, ['build']],
    ['the context', { build: { ...BUILD, contextDigest: 'abd' } }, ['build']],
    ['skipPush', { skipPush: true }, ['skipPush']],
    ['the registry', { registry: { ...REGISTRY, server: 'other.example' } }, ['registry']],
    ['the password', { registry: { ...REGISTRY, password: 'new' } }, []],
    ['user name and password', { registry: { server: 'registry.example' } }, []],
    ['all credentials', { registry: null }, ['registry']],
    ['null for absent', { build: { context: 'app', args: { A: '1' }, contextDigest: 'abc' } }, []],
    ['two things', { imageName: 'x/y', skipPush: true }, ['imageName', 'skipPush']],
  ])('%s', (_, news, changed) => {
    expect(diffImage(BEFORE, { ...BEFORE, ...news })).toEqual({ changed });
  });

  test('nothing ever replaces an image', () => {
    const properties = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Properties>;
    fc.assert(
      fc.property(properties, properties, (before, after) => {
        expect(diffImage(before, after).replaces ?? []).toEqual([]);
        expect(diffImage(after, structuredClone(after)).changed).toEqual([]);
      }),
    );
  });
});
