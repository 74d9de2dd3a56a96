import { isDeepStrictEqual } from 'node:util';
import {
  isList,
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, LOCATION, PROJECT } from './fields.ts';
import { plannedLabels, readLabels } from './labels.ts';
import { objectOf, pick, sameValue, settled, textOf } from './property.ts';
import { restKind } from './rest-kind.ts';

/** `gcp:artifactregistry/repository:Repository`, standard mode only. */
export const REPOSITORY = restKind({
  token: 'gcp:artifactregistry/repository:Repository',
  service: 'artifactRegistry',
  noun: 'repository',
  permissions: 'artifactregistry.repositories',
  role: 'roles/artifactregistry.admin',
  path: 'projects/{project}/locations/{location}/repositories/{repositoryId}',
  operations: ['create', 'delete'],
  fields: {
    project: PROJECT,
    location: LOCATION,
    repositoryId: { type: 'text', required: true, replaces: true },
    format: { type: 'text', required: true, replaces: true },
    mode: {
      type: 'text',
      replaces: true,
      oneOf: ['STANDARD_REPOSITORY'],
      fallback: () => 'STANDARD_REPOSITORY',
    },
    description: { type: 'text' },
    kmsKeyName: { type: 'text', replaces: true },
    dockerConfig: { type: 'object' },
    cleanupPolicies: {
      type: 'list',
      same: (was, wanted) => sameValue(policiesById(was), policiesById(wanted)),
      send: ({ cleanupPolicies }) => policiesById(cleanupPolicies),
      receive: policyList,
    },
    cleanupPolicyDryRun: { type: 'flag' },
    labels: {
      type: 'object',
      // Unlike elsewhere, an empty text is a value like any other.
      same: (was, wanted) => isDeepStrictEqual(was ?? {}, wanted ?? {}),
      send: ({ effectiveLabels }) => effectiveLabels,
      // Which of them are the program's is for `readLabels` to say.
      receive: () => undefined,
    },
    deletionPolicy: DELETION_POLICY,
  },
  outputs: [
    'createTime',
    'updateTime',
    'name',
    'registryUri',
    'vulnerabilityScanningConfig',
    'pulumiLabels',
    'effectiveLabels',
  ],
  planned: plannedLabels,
  alsoChanged(was, wanted, settings) {
    const { effectiveLabels } = plannedLabels(wanted, was, settings);
    return isDeepStrictEqual(was['effectiveLabels'] ?? {}, effectiveLabels) ? [] : ['labels'];
  },
  idParameter: 'repository_id',
  stateOf: (found, was, { repositoryId = '' }) => ({
    ...readLabels(objectOf(found, 'labels'), was),
    name: repositoryId,
  }),
});

/** Clean-up policies as Artifact Registry has them: by id. */
function policiesById(policies: PropertyValue | undefined): Properties | undefined {
  const list = isList(policies) ? policies.filter(isObject) : [];
  if (list.length === 0) return undefined;
  return Object.fromEntries(list.map((policy) => [textOf(policy, 'id'), policyOf(policy)]));
}

/** Clean-up policies as the program has them. */
function policyList(policies: PropertyValue | undefined): PropertyValue | undefined {
  if (!isObject(policies)) return undefined;
  const ids = Object.keys(policies).sort();
  return ids.map((id) => ({ ...policyOf(objectOf(policies, id)), id }));
}

function policyOf(policy: Properties): Properties {
  const kept = settled(pick(policy, ['action', 'condition', 'mostRecentVersions']));
  return isObject(kept) ? kept : {};
}
