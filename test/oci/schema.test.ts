import { expect, test } from 'vitest';
import { ociPlugin } from '../../infra/oci/oci-plugin.ts';
import { UNKNOWN, type PropertyValue } from '../../infra/oci/protocol/resource-type.ts';
import { packageSchema } from '../../infra/oci/package-schema.ts';
import { RESOURCES, type ResourceToken } from '../../infra/oci/schema.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const TOKENS = Object.keys(RESOURCES) as ResourceToken[];
const { resources } = ociPlugin({ DOCKER_CONFIG: '/nowhere' });
const typeOf = (token: ResourceToken) => resources[token] ?? expect.fail(token);

const OF_TYPE = { string: '', number: 60, boolean: false, array: [], object: {} };

/** With these inputs, no resource sends a request; a Tag sends none in a preview. */
const GIVEN: Readonly<Record<string, PropertyValue>> = { ...PLACE, registryId: UNKNOWN };

test.each(TOKENS)('%s has the properties that its schema says', async (token) => {
  const { inputProperties, properties } = packageSchema().resources[token] ?? expect.fail(token);
  const inputs = Object.entries(inputProperties).map(
    ([name, { type }]) => [name, GIVEN[name] ?? OF_TYPE[type]] as const,
  );
  const isPreview = token === 'oci:index:Tag';
  const { outputs } = await callsOf(typeOf(token)).create(Object.fromEntries(inputs), isPreview);
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(properties).sort());
});

test('nothing but an alias is taken from the registry when its resource is deleted', () => {
  expect(TOKENS.filter((token) => 'delete' in typeOf(token))).toEqual(['oci:index:Tag']);
});

test('the password of a login is a secret', () => {
  expect(packageSchema().functions['oci:index:logIn']?.inputs).toMatchObject({
    properties: { password: { type: 'string', secret: true } },
    required: ['registry', 'username', 'password'],
  });
});
