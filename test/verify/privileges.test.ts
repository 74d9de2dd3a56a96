import { expect, test } from 'vitest';
import { hasIdentity } from '../../src/verify/privileges.ts';

test.each([
  ['an account of registries', { DOCKER_AUTH_CONFIG: '{"auths":{}}' }, true],
  ['a token of the registry', { REGISTRY_TOKEN: 'x' }, true],
  ['a token of the state', { PULUMI_ACCESS_TOKEN: 'x' }, true],
  ['a key of the bucket with the state', { AWS_SECRET_ACCESS_KEY: 'x' }, true],
  ['an identity of Google', { GOOGLE_WORKLOAD_IDENTITY_PROVIDER: 'x' }, true],
  ['an empty one', { GOOGLE_WORKLOAD_IDENTITY_PROVIDER: '', PULUMI_ACCESS_TOKEN: '' }, false],
  ['none', { CI: 'true' }, false],
])('a run with %s has one that a program could take, or not', (_, env, expected) => {
  expect(hasIdentity(env)).toBe(expected);
});
