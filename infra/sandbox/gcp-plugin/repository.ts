import type { Properties, PropertyValue } from '../../plugin/resource-type.ts';
import { isObject } from '../docker-plugin/property-path.ts';
import {
  policiesFromGoogle,
  policiesProblem,
  policiesToGoogle,
  samePolicies,
} from './cleanup-policies.ts';
import { DELETION_POLICY, LOCATION, PROJECT, type Fields } from './field.ts';
import { hasCode } from './google-error.ts';
import { parseId } from './import-id.ts';
import type { Kind, Work } from './kind.ts';
import { labelsDiffer, readLabels, sameLabels, wantedLabels } from './labels.ts';
import { diffFields } from './diff-fields.ts';
import { omit, pick, textOf } from './property-text.ts';
import type { Question } from './question.ts';
import { settled } from './same-value.ts';
import { waitForOperation } from './wait-for-operation.ts';

const TEMPLATE = 'projects/{project}/locations/{location}/repositories/{repositoryId}';
const ID_PARTS = ['project', 'location', 'repositoryId'] as const;

const FIELDS: Fields = {
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

/** Fields by the name that they have in a request and its update mask. */
const MUTABLE = [
  'description',
  'dockerConfig',
  'cleanupPolicies',
  'cleanupPolicyDryRun',
  'vulnerabilityScanningConfig',
  'labels',
] as const;

/** `gcp:artifactregistry/repository:Repository`, of any format, standard mode only. */
export const REPOSITORY: Kind = {
  token: 'gcp:artifactregistry/repository:Repository',
  fields: FIELDS,
  outputs: ['createTime', 'updateTime', 'name', 'registryUri', 'pulumiLabels', 'effectiveLabels'],
  idOf,
  fullId: (id, settings) => idOf(parseId(TEMPLATE, ID_PARTS, id, settings)),
  problems: ({ mode }) =>
    mode === 'VIRTUAL_REPOSITORY' || mode === 'REMOTE_REPOSITORY'
      ? [{ property: 'mode', reason: 'the stand-in for the gcp plug-in has standard repositories' }]
      : [],
  moreChanged: ({ was, wanted }, settings) =>
    labelsDiffer(was, wanted, settings) ? ['labels'] : [],
  planned: (inputs, was, settings) => ({
    ...(inputs['repositoryId'] !== undefined && { name: inputs['repositoryId'] }),
    ...wantedLabels(inputs['labels'], was, settings),
  }),

  async create(inputs, work) {
    const id = idOf(inputs);
    const labels = wantedLabels(inputs['labels'], undefined, work.settings);
    const question = questionOf(id, 'create', {
      method: 'POST',
      path: id.slice(0, id.lastIndexOf('/')),
      query: { repository_id: textOf(inputs, 'repositoryId') },
      body: bodyOf({ ...inputs, format: upper(inputs['format']), labels: labels.effectiveLabels }, [
        'format',
        'mode',
        'kmsKeyName',
        ...MUTABLE,
      ]),
    });
    try {
      await waitForOperation(await work.ask(question), question, work);
    } catch (error) {
      // An earlier try that seemed to fail had made it.
      if (!hasCode(error, 409) || error.tries === 1) throw error;
    }
    return readBack(id, { ...inputs, ...labels }, work);
  },

  async read(id, was, { ask }) {
    try {
      return stateOf(id, await ask(questionOf(id, 'get', { method: 'GET' })), was);
    } catch (error) {
      if (hasCode(error, 404)) return undefined;
      throw error;
    }
  },

  async update(id, { was, wanted }, work) {
    const labels = wantedLabels(wanted['labels'], was, work.settings);
    const { changed } = diffFields(FIELDS, was, wanted);
    const mask = MUTABLE.filter((name) =>
      name === 'labels' ? labelsDiffer(was, wanted, work.settings) : changed.includes(name),
    );
    if (mask.length > 0) {
      const query = { updateMask: mask.join(',') };
      const body = bodyOf({ ...wanted, labels: labels.effectiveLabels }, mask);
      await work.ask(questionOf(id, 'update', { method: 'PATCH', query, body }));
    }
    return readBack(id, { ...wanted, ...labels }, work);
  },

  async delete(id, _was, work) {
    const question = questionOf(id, 'delete', { method: 'DELETE' });
    try {
      await waitForOperation(await work.ask(question), question, work);
    } catch (error) {
      if (!hasCode(error, 404)) throw error;
    }
  },
};

function idOf(inputs: Properties): string {
  return (
    `projects/${textOf(inputs, 'project')}/locations/${textOf(inputs, 'location')}` +
    `/repositories/${textOf(inputs, 'repositoryId')}`
  );
}

function questionOf(
  id: string,
  verb: 'create' | 'get' | 'update' | 'delete',
  call: Pick<Question, 'method'> & Partial<Question>,
): Question {
  return {
    service: 'artifactRegistry',
    path: id,
    asked: `${verb === 'get' ? 'read' : verb} the repository ${id}`,
    permission: `artifactregistry.repositories.${verb} (roles/artifactregistry.admin has it)`,
    ...call,
  };
}

/** What is empty is left out: in the mask and not in the body means clear. */
function bodyOf(inputs: Properties, names: readonly string[]): Properties {
  const policies = policiesToGoogle(inputs['cleanupPolicies']);
  const { labels } = inputs;
  const rest = omit(inputs, 'cleanupPolicies');
  const body = settled({ ...rest, ...(policies !== undefined && { cleanupPolicies: policies }) });
  // A label may well have an empty value.
  return pick({ ...(isObject(body) && body), ...(isObject(labels) && { labels }) }, names);
}

async function readBack(id: string, was: Properties, work: Work): Promise<Properties> {
  const state = await REPOSITORY.read(id, was, work);
  if (state === undefined) throw new Error(`${id} was there and is gone again; run this again`);
  return state;
}

function stateOf(id: string, repository: Properties, was: Properties): Properties {
  const { cleanupPolicies, labels, ...rest } = repository;
  const [, project = '', , location = '', , repositoryId = ''] = id.split('/');
  const policies = policiesFromGoogle(cleanupPolicies);
  return {
    ...pick(rest, [...Object.keys(FIELDS), 'createTime', 'updateTime', 'registryUri']),
    ...readLabels(labels, was),
    ...(cleanupPolicies !== undefined && { cleanupPolicies: policies }),
    name: repositoryId,
    project,
    location,
    repositoryId,
  };
}

function enablement(config: PropertyValue | undefined): PropertyValue {
  return (isObject(config) ? config['enablementConfig'] : undefined) ?? '';
}

function upper(value: PropertyValue | undefined): PropertyValue {
  return typeof value === 'string' ? value.toUpperCase() : (value ?? '');
}
