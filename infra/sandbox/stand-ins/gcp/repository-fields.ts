import {
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import {
  policiesFromGoogle,
  policiesProblem,
  policiesToGoogle,
  samePolicies,
} from './cleanup-policies.ts';
import { DELETION_POLICY, LOCATION, PROJECT, type Fields } from './field.ts';
import { readLabels, sameLabels } from './labels.ts';
import { omit, pick } from './property-text.ts';
import { settled } from './same-value.ts';

/** The inputs of a repository. */
export const REPOSITORY_FIELDS: Fields = {
  project: PROJECT,
  location: LOCATION,
  repositoryId: { type: 'text', required: true, replaces: true },
  // Old programs write it in lower case.
  format: { type: 'text', required: true, replaces: true, same: (a, b) => upper(a) === upper(b) },
  mode: {
    type: 'text',
    replaces: true,
    oneOf: ['STANDARD_REPOSITORY', 'VIRTUAL_REPOSITORY', 'REMOTE_REPOSITORY'],
    fallback: () => 'STANDARD_REPOSITORY',
  },
  description: { type: 'text' },
  labels: { type: 'object', same: sameLabels },
  kmsKeyName: { type: 'text', replaces: true },
  dockerConfig: { type: 'object' },
  cleanupPolicies: { type: 'list', same: samePolicies, problem: policiesProblem },
  cleanupPolicyDryRun: { type: 'flag' },
  vulnerabilityScanningConfig: {
    type: 'object',
    computed: true,
    // The rest of it is Google's to say.
    same: (was, wanted) => enablement(was) === enablement(wanted),
  },
  deletionPolicy: DELETION_POLICY,
};

/** The fields that can change, by the name that they have in a request and its update mask. */
export const MUTABLE = [
  'description',
  'dockerConfig',
  'cleanupPolicies',
  'cleanupPolicyDryRun',
  'vulnerabilityScanningConfig',
  'labels',
] as const;

/**
 * The fields of these names as a request has them. What is empty is left out: in the mask and not in
 * the body means clear.
 */
export function bodyOf(inputs: Properties, names: readonly string[]): Properties {
  const policies = policiesToGoogle(inputs['cleanupPolicies']);
  const { labels } = inputs;
  const rest = omit(inputs, 'cleanupPolicies');
  const body = settled({ ...rest, ...(policies !== undefined && { cleanupPolicies: policies }) });
  // A label may well have an empty value.
  return pick({ ...(isObject(body) && body), ...(isObject(labels) && { labels }) }, names);
}

/** The outputs from a repository as Google has it; `was` knows which labels are whose. */
export function stateOf(id: string, repository: Properties, was: Properties): Properties {
  const { cleanupPolicies, labels, ...rest } = repository;
  const [, project = '', , location = '', , repositoryId = ''] = id.split('/');
  const policies = policiesFromGoogle(cleanupPolicies);
  return {
    ...pick(rest, [...Object.keys(REPOSITORY_FIELDS), 'createTime', 'updateTime', 'registryUri']),
    ...readLabels(labels, was),
    ...(cleanupPolicies !== undefined && { cleanupPolicies: policies }),
    name: repositoryId,
    project,
    location,
    repositoryId,
  };
}

/** Old programs write a format in lower case. */
export function upper(value: PropertyValue | undefined): PropertyValue {
  return typeof value === 'string' ? value.toUpperCase() : (value ?? '');
}

function enablement(config: PropertyValue | undefined): PropertyValue {
  return (isObject(config) ? config['enablementConfig'] : undefined) ?? '';
}
