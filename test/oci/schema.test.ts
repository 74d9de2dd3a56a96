import { expect, test } from 'vitest';
import { branchAliasesType } from '../../infra/oci/branch-aliases-type.ts';
import type { ResourceType } from '../../infra/oci/protocol/resource-type.ts';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import {
  packageSchema,
  RESOURCES,
  type InputsOf,
  type ResourceToken,
} from '../../infra/oci/schema.ts';
import { tagType } from '../../infra/oci/tag-type.ts';
import { verificationType } from '../../infra/oci/verification-type.ts';
import { memoryRegistry } from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const { connect } = memoryRegistry();
const { registry, repository, tag } = PLACE;
const now = () => new Date('2026-11-24T12:00:00.000Z');

const TYPES: Record<ResourceToken, ResourceType> = {
  'oci:index:Publication': publicationType({ connect, now, random: () => '00000000' }),
  'oci:index:Tag': tagType(connect),
  'oci:index:Verification': verificationType({
    verify: () => Promise.reject(new Error('there is nothing to verify')),
    credentialsFor: () => Promise.resolve(undefined),
  }),
  'oci:index:BranchAliases': branchAliasesType(connect),
  'oci:index:ReferencedVersions': referencedVersionsType({ connect, now }),
};

/** All inputs, optional ones too. */
const INPUTS: { [Token in ResourceToken]: InputsOf<Token> } = {
  'oci:index:Publication': {
    ...PLACE,
    registryId: 'id',
    inputs: {},
    revision: 'c0ffee',
    pipeline: '',
    source: '',
  },
  'oci:index:Tag': { registry, repository, tag, digest: '' },
  'oci:index:Verification': {
    registry,
    repository,
    digest: '',
    kind: 'container',
    platform: 'linux/amd64',
    commands: [],
    timeout: 60,
  },
  'oci:index:BranchAliases': { registry, repository, aliases: {} },
  'oci:index:ReferencedVersions': {
    registry,
    repositoryPrefix: 'p/images',
    gracePeriod: 3600,
    needs: {},
    images: [],
  },
};

test.each(Object.keys(RESOURCES) as ResourceToken[])(
  '%s has the properties that its schema says',
  async (token) => {
    const { outputs } = await callsOf(TYPES[token]).create(INPUTS[token] as never);
    const described = packageSchema().resources[token]?.properties;
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(described ?? {}).sort());
  },
);

test('the password of a login is a secret', () => {
  expect(packageSchema().functions['oci:index:logIn']?.inputs).toMatchObject({
    properties: { password: { type: 'string', secret: true } },
    required: ['registry', 'username', 'password'],
  });
});
