import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { diffFields } from './diff-fields.ts';
import { parseId } from './import-id.ts';
import type { Kind, Work } from './kind.ts';
import { labelsDiffer, wantedLabels } from './labels.ts';
import { textOf } from './property-text.ts';
import { bodyOf, MUTABLE, REPOSITORY_FIELDS, stateOf, upper } from './repository-fields.ts';
import { resourceCalls, stillThere } from './resource-calls.ts';
import { unlessGone } from './unless-gone.ts';
import { waitForOperation } from './wait-for-operation.ts';

const TEMPLATE = 'projects/{project}/locations/{location}/repositories/{repositoryId}';
const ID_PARTS = ['project', 'location', 'repositoryId'] as const;
const CALLS = resourceCalls({
  service: 'artifactRegistry',
  noun: 'repository',
  permissions: 'artifactregistry.repositories',
  role: 'roles/artifactregistry.admin',
});

/** `gcp:artifactregistry/repository:Repository`, of any format, standard mode only. */
export const REPOSITORY: Kind = {
  token: 'gcp:artifactregistry/repository:Repository',
  fields: REPOSITORY_FIELDS,
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
    const wanted: Properties = {
      ...inputs,
      format: upper(inputs['format']),
      labels: labels.effectiveLabels,
    };
    const query = { repository_id: textOf(inputs, 'repositoryId') };
    const body = bodyOf(wanted, ['format', 'mode', 'kmsKeyName', ...MUTABLE]);
    const { question, answer } = await CALLS.make(id, { query, body }, work);
    if (answer !== undefined) await waitForOperation(answer, question, work);
    return readBack(id, { ...inputs, ...labels }, work);
  },

  async read(id, was, work) {
    const repository = await CALLS.find(id, work);
    return repository && stateOf(id, repository, was);
  },

  async update(id, { was, wanted }, work) {
    const labels = wantedLabels(wanted['labels'], was, work.settings);
    const { changed } = diffFields(REPOSITORY_FIELDS, was, wanted);
    const mask = MUTABLE.filter((name) =>
      name === 'labels' ? labelsDiffer(was, wanted, work.settings) : changed.includes(name),
    );
    if (mask.length > 0) {
      const query = { updateMask: mask.join(',') };
      const body = bodyOf({ ...wanted, labels: labels.effectiveLabels }, mask);
      await work.ask(CALLS.question(id, 'update', { method: 'PATCH', query, body }));
    }
    return readBack(id, { ...wanted, ...labels }, work);
  },

  async delete(id, _was, work) {
    const question = CALLS.question(id, 'delete', { method: 'DELETE' });
    const operation = await unlessGone(work.ask(question));
    if (operation !== undefined) await waitForOperation(operation, question, work);
  },
};

function idOf(inputs: Properties): string {
  return (
    `projects/${textOf(inputs, 'project')}/locations/${textOf(inputs, 'location')}` +
    `/repositories/${textOf(inputs, 'repositoryId')}`
  );
}

async function readBack(id: string, was: Properties, work: Work): Promise<Properties> {
  return stillThere(id, await REPOSITORY.read(id, was, work));
}
