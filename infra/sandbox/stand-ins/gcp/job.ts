import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { UnfinishedError } from '../../../oci/protocol/unary.ts';
import { parseId } from './import-id.ts';
import { bodyOf, JOB_FIELDS, stateOf, TARGETS } from './job-fields.ts';
import type { Kind, Work } from './kind.ts';
import { textOf } from './property-text.ts';
import { resourceCalls, stillThere } from './resource-calls.ts';

const TEMPLATE = 'projects/{project}/locations/{region}/jobs/{name}';
const ID_PARTS = ['project', 'region', 'name'] as const;
const CALLS = resourceCalls<'pause' | 'enable'>({
  service: 'cloudScheduler',
  noun: 'job',
  permissions: 'cloudscheduler.jobs',
  role: 'roles/cloudscheduler.admin',
});

/** `gcp:cloudscheduler/job:Job`. */
export const JOB: Kind = {
  token: 'gcp:cloudscheduler/job:Job',
  fields: JOB_FIELDS,
  outputs: ['state'],
  idOf,
  fullId: (id, settings) => idOf(parseId(TEMPLATE, ID_PARTS, id, settings)),
  problems(inputs) {
    const targets = TARGETS.filter((name) => inputs[name] !== undefined);
    if (targets.length === 1) return [];
    const reason = `set exactly one of ${TARGETS.join(', ')}`;
    return [{ property: targets[1] ?? TARGETS[0], reason }];
  },
  // What Google chose for retries that are no longer in the program can't be told from what was.
  moreChanged: ({ oldInputs, wanted }) =>
    oldInputs['retryConfig'] !== undefined && wanted['retryConfig'] === undefined
      ? ['retryConfig']
      : [],
  planned: ({ paused }): Properties =>
    typeof paused === 'boolean' ? { state: paused ? 'PAUSED' : 'ENABLED' } : {},

  async create(inputs, work) {
    const id = idOf(inputs);
    const body = { name: id, ...bodyOf(inputs) };
    const { answer = body } = await CALLS.make(id, { body }, work);
    try {
      await setPaused(id, inputs['paused'] === true, work);
      return await readBack(id, work);
    } catch (cause) {
      throw new UnfinishedError(cause, { id, inputs, outputs: stateOf(id, answer) });
    }
  },

  async read(id, _was, work) {
    const job = await CALLS.find(id, work);
    return job && stateOf(id, job);
  },

  async update(id, { was, wanted }, work) {
    const body = bodyOf(wanted);
    await work.ask(CALLS.question(id, 'update', { method: 'PATCH', body }));
    const { paused } = wanted;
    if (typeof paused === 'boolean' && paused !== was['paused']) await setPaused(id, paused, work);
    return readBack(id, work);
  },

  delete: (id, _was, work) => CALLS.remove(id, work),
};

function idOf(inputs: Properties): string {
  return (
    `projects/${textOf(inputs, 'project')}/locations/${textOf(inputs, 'region')}` +
    `/jobs/${textOf(inputs, 'name')}`
  );
}

async function setPaused(id: string, paused: boolean, { ask }: Work): Promise<void> {
  const verb = paused ? 'pause' : 'enable';
  const path = `${id}:${paused ? 'pause' : 'resume'}`;
  await ask(CALLS.question(id, verb, { method: 'POST', path, body: {} }));
}

async function readBack(id: string, work: Work): Promise<Properties> {
  return stillThere(id, await JOB.read(id, {}, work));
}
