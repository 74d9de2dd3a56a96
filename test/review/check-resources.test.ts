import { describe, expect, test } from 'vitest';
import { checkResources } from '../../src/review/check-resources.ts';
import { UNKNOWN_VALUE, type Inputs } from '../../src/review/preview.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const REPOSITORY = 'gcp:artifactregistry/repository:Repository';
const BINDING = 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding';
const MEMBER = 'gcp:projects/iAMMember:IAMMember';
const POLICY = 'gcp:serviceaccount/iAMPolicy:IAMPolicy';
const IMAGE = 'docker:index/image:Image';

function codesOf(type: string, inputs: Inputs = {}, protect = true): readonly string[] {
  return checkResources([{ type, name: 'it', inputs, protect }]).map(({ code }) => code);
}

const deleting = (condition?: Inputs) => ({
  cleanupPolicies: [{ id: 'old', action: 'DELETE', ...(condition && { condition }) }],
});
const based = (base: unknown) => ({ build: { args: { BASE: base } } });
const publicTo = (role: string, who = 'allUsers') => ({ role, members: ['user:a@b.test', who] });

describe('rejected', () => {
  test.each([
    ['UNPROTECTED_REGISTRY', REPOSITORY, {}, false],
    ['DELETE_WITHOUT_AGE', REPOSITORY, deleting(), true],
    ['DELETE_WITHOUT_AGE', REPOSITORY, deleting({ tagState: 'ANY' }), true],
    ['DELETE_WITHOUT_AGE', REPOSITORY, deleting({ olderThan: '' }), true],
    ['DELETE_WITHOUT_AGE', REPOSITORY, deleting({ olderThan: '0s' }), true],
    ['DELETE_WITHOUT_AGE', REPOSITORY, { cleanupPolicies: [{ action: 'PURGE' }] }, true],
    ['NOT_UNDERSTOOD', REPOSITORY, { cleanupPolicies: '[secret]' }, true],
    ['UNPINNED_BASE', IMAGE, based('docker.io/library/debian:12'), true],
    ['UNPINNED_BASE', IMAGE, based(`debian@${DIGEST.slice(0, -1)}`), true],
    ['UNPINNED_BASE', IMAGE, based(12), true],
    ['NOT_UNDERSTOOD', IMAGE, { build: 'config/contexts/apt' }, true],
    ['PUBLIC_WRITER', BINDING, publicTo('roles/artifactregistry.writer'), true],
    ['PUBLIC_WRITER', BINDING, publicTo('roles/some.new', 'allAuthenticatedUsers'), true],
    ['PUBLIC_WRITER', MEMBER, { role: 'roles/editor', member: 'allUsers' }, true],
    ['PUBLIC_WRITER', POLICY, { policyData: JSON.stringify({ bindings: [publicTo('x')] }) }, true],
    ['NOT_UNDERSTOOD', POLICY, { policyData: '{' }, true],
    ['NOT_UNDERSTOOD', POLICY, { policyData: '{}' }, true],
    ['NOT_UNDERSTOOD', MEMBER, { role: 'roles/editor' }, true],
    ['SERVICE_ACCOUNT_KEY', 'gcp:serviceaccount/key:Key', {}, true],
    ['SERVICE_ACCOUNT_KEY', 'gcp:storage/hmacKey:HmacKey', {}, true],
  ] satisfies [string, string, Inputs, boolean][])('%s: %s %j', (code, type, inputs, protect) => {
    expect(codesOf(type, inputs, protect)).toEqual([code]);
  });

  test('everything at once, each by its resource', () => {
    const unprotected = { type: REPOSITORY, name: 'images', inputs: deleting(), protect: false };
    const image = { type: IMAGE, name: 'debian', inputs: based('debian'), protect: false };
    const found = checkResources([unprotected, image]).map(({ code, resource }) => [
      code,
      resource,
    ]);
    expect(found).toEqual([
      ['UNPROTECTED_REGISTRY', `${REPOSITORY} images`],
      ['DELETE_WITHOUT_AGE', `${REPOSITORY} images`],
      ['UNPINNED_BASE', `${IMAGE} debian`],
    ]);
  });
});

describe('accepted', () => {
  test.each([
    [REPOSITORY, deleting({ tagState: 'UNTAGGED', olderThan: '7776000s' })],
    [REPOSITORY, deleting({ olderThan: '90d' })],
    [REPOSITORY, { cleanupPolicies: [{ action: 'KEEP', mostRecentVersions: { keepCount: 3 } }] }],
    [REPOSITORY, { cleanupPolicies: UNKNOWN_VALUE }],
    [IMAGE, based(`docker.io/library/debian@${DIGEST}`)],
    [IMAGE, based(UNKNOWN_VALUE)],
    [IMAGE, { imageName: 'registry.test/debian:abc' }],
    [IMAGE, { build: { args: { VERSION: '12' } } }],
    [BINDING, publicTo('roles/artifactregistry.reader')],
    [BINDING, { role: 'roles/artifactregistry.writer', members: ['user:a@b.test'] }],
    [BINDING, { role: 'roles/artifactregistry.writer', members: UNKNOWN_VALUE }],
    [POLICY, { policyData: UNKNOWN_VALUE }],
    ['gcp:serviceaccount/account:Account', {}],
  ] satisfies [string, Inputs][])('%s %j', (type, inputs) => {
    expect(codesOf(type, inputs)).toEqual([]);
  });
});
