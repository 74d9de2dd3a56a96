import { isDeepStrictEqual } from 'node:util';
import {
  containsUnknown,
  isList,
  isObject,
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { LOCATION, NAME } from './fields.ts';
import { unlessGone, type Work } from './google-client.ts';
import { fillPath, objectOf, pick, sameValue, withoutEmptyParts, textOf } from './property.ts';
import { restKind } from './rest-kind.ts';

/** Tells in Google's console what Pulumi made. */
const ATTRIBUTION = 'goog-pulumi-provisioned';

const PATH = 'projects/{project}/locations/{location}/repositories/{repositoryId}';

/** `gcp:artifactregistry/repository:Repository`, standard mode only. */
export const REPOSITORY = restKind({
  token: 'gcp:artifactregistry/repository:Repository',
  service: 'artifactRegistry',
  noun: 'repository',
  path: PATH,
  fields: {
    location: LOCATION,
    repositoryId: NAME,
    format: NAME,
    mode: {
      type: 'string',
      replaces: true,
      only: 'STANDARD_REPOSITORY',
      fallback: () => 'STANDARD_REPOSITORY',
    },
    description: { type: 'string' },
    cleanupPolicies: {
      type: 'list',
      same: (was, wanted) => sameValue(policiesById(was), policiesById(wanted)),
      send: ({ cleanupPolicies }) => policiesById(cleanupPolicies),
      receive: policyList,
    },
    cleanupPolicyDryRun: { type: 'boolean' },
    labels: {
      type: 'object',
      // Unlike elsewhere, an empty text is a value like any other.
      same: (was, wanted) => isDeepStrictEqual(was ?? {}, wanted ?? {}),
      alsoDiffers: (was, { effectiveLabels }) =>
        !isDeepStrictEqual(was['effectiveLabels'] ?? {}, effectiveLabels),
      send: ({ effectiveLabels }) => effectiveLabels,
      // Which of them are the program's is for `readLabels` to say.
      receive: () => undefined,
    },
  },
  outputs: ['createTime', 'name', 'registryUri', 'pulumiLabels', 'effectiveLabels'],
  planned: plannedLabels,
  idParameter: 'repository_id',
  stateOf: (found, was, { repositoryId = '' }) => ({
    ...readLabels(objectOf(found, 'labels'), was),
    name: repositoryId,
  }),
});

export const GET_REPOSITORY = 'gcp:artifactregistry/getRepository:getRepository';

/** The function: those of its outputs that the program uses. */
export async function getRepository(
  inputs: Properties,
  { send, settings }: Work,
): Promise<Properties> {
  const id = fillPath(PATH, { project: settings.project ?? '', ...inputs });
  const found = await unlessGone(
    send({
      service: 'artifactRegistry',
      method: 'GET',
      path: id,
      purpose: 'read the repository',
    }),
  );
  if (found === undefined) throw new Error(`${id} not found`);
  const labels = objectOf(found, 'labels');
  return { id, labels, effectiveLabels: labels };
}

/** Clean-up policies as Artifact Registry has them: by id. */
function policiesById(policies: PropertyValue | undefined): Properties | undefined {
  const list = isList(policies) ? policies.filter(isObject) : [];
  if (list.length === 0) return undefined;
  return Object.fromEntries(list.map((policy) => [textOf(policy, 'id'), policyOf(policy)]));
}

/** Clean-up policies as the program has them, in another order: the official plug-in lists its set in any. */
function policyList(policies: PropertyValue | undefined): PropertyValue | undefined {
  if (!isObject(policies)) return undefined;
  const ids = Object.keys(policies).sort().reverse();
  return ids.map((id) => ({ ...policyOf(objectOf(policies, id)), id }));
}

function policyOf(policy: Properties): Properties {
  const kept = withoutEmptyParts(pick(policy, ['action', 'condition', 'mostRecentVersions']));
  return isObject(kept) ? kept : {};
}

/**
 * The outputs that labels lead to: `pulumiLabels` are the program's and the plug-in's, and `effectiveLabels`
 * also those that others have put on the resource. The plug-in labels what it creates.
 */
function plannedLabels({ labels = {} }: Properties, was: Properties | undefined): Properties {
  if (containsUnknown(labels)) return { pulumiLabels: UNKNOWN, effectiveLabels: UNKNOWN };
  const before = objectOf(was ?? {}, 'effectiveLabels');
  const dropped = objectOf(was ?? {}, 'pulumiLabels');
  const isAttributed = was === undefined || ATTRIBUTION in before;
  const pulumiLabels: Properties = {
    ...(isAttributed ? { [ATTRIBUTION]: 'true' } : {}),
    ...(isObject(labels) ? labels : {}),
  };
  return { pulumiLabels, effectiveLabels: { ...without(before, dropped), ...pulumiLabels } };
}

/** The outputs by the labels that Google has. `was` tells which of them the program and the plug-in have set. */
function readLabels(now: Properties, was: Properties): Properties {
  const own = (name: string) => without(now, without(now, objectOf(was, name)));
  const labels = own('labels');
  return {
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    pulumiLabels: own('pulumiLabels'),
    effectiveLabels: now,
  };
}

function without(labels: Properties, others: Properties): Properties {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !(name in others)));
}
