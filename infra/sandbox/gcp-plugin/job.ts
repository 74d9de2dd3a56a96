import type { Properties, PropertyValue } from '../../plugin/resource-type.ts';
import { UnfinishedError } from '../../plugin/unfinished-error.ts';
import { isObject } from '../docker-plugin/property-path.ts';
import { DELETION_POLICY, LOCATION, PROJECT, type Fields } from './field.ts';
import { hasCode } from './google-error.ts';
import { parseId } from './import-id.ts';
import { inventedName } from './invented-name.ts';
import { readTarget, sameRetries, sameTarget, targetProblem } from './job-target.ts';
import type { Kind, Work } from './kind.ts';
import { omit, pick, textOf } from './property-text.ts';
import type { Question } from './question.ts';
import { sameValue, settled } from './same-value.ts';

const TEMPLATE = 'projects/{project}/locations/{region}/jobs/{name}';
const ID_PARTS = ['project', 'region', 'name'] as const;
const TARGETS = ['httpTarget', 'pubsubTarget', 'appEngineHttpTarget'] as const;
const DEFAULT_DEADLINE = '180s';
const LONGEST_NAME = 500;

const FIELDS: Fields = {
  project: PROJECT,
  region: LOCATION,
  name: { type: 'text', replaces: true, named: (name) => inventedName(name, '-', LONGEST_NAME) },
  description: { type: 'text' },
  schedule: { type: 'text' },
  timeZone: { type: 'text', fallback: () => 'Etc/UTC' },
  attemptDeadline: {
    type: 'text',
    fallback: () => DEFAULT_DEADLINE,
    same: (was, wanted) => sameValue(was ?? DEFAULT_DEADLINE, wanted ?? DEFAULT_DEADLINE),
  },
  httpTarget: { type: 'object', same: sameTarget, problem: targetProblem },
  pubsubTarget: { type: 'object' },
  appEngineHttpTarget: { type: 'object' },
  retryConfig: { type: 'object', same: sameRetries },
  paused: { type: 'flag', computed: true },
  deletionPolicy: DELETION_POLICY,
};

/** What a request says of a job; whether it is paused is told by calls of their own. */
const BODY = ['description', 'schedule', 'timeZone', 'attemptDeadline', 'retryConfig', ...TARGETS];

/** `gcp:cloudscheduler/job:Job`. */
export const JOB: Kind = {
  token: 'gcp:cloudscheduler/job:Job',
  fields: FIELDS,
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
  planned: ({ paused }) =>
    typeof paused === 'boolean' ? { state: paused ? 'PAUSED' : 'ENABLED' } : {},

  async create(inputs, work) {
    const id = idOf(inputs);
    const body = { name: id, ...bodyOf(inputs) };
    const path = id.slice(0, id.lastIndexOf('/'));
    let made: Properties;
    try {
      made = await work.ask(questionOf(id, 'create', { method: 'POST', path, body }));
    } catch (error) {
      // An earlier try that seemed to fail had made it.
      if (!hasCode(error, 409) || error.tries === 1) throw error;
      made = body;
    }
    try {
      await setPaused(id, inputs['paused'] === true, work);
      return await readBack(id, work);
    } catch (cause) {
      throw new UnfinishedError(cause, { id, inputs, outputs: stateOf(id, made) });
    }
  },

  async read(id, _was, { ask }) {
    try {
      return stateOf(id, await ask(questionOf(id, 'get', { method: 'GET' })));
    } catch (error) {
      if (hasCode(error, 404)) return undefined;
      throw error;
    }
  },

  async update(id, { was, wanted }, work) {
    const body = bodyOf(wanted);
    await work.ask(questionOf(id, 'update', { method: 'PATCH', body }));
    const { paused } = wanted;
    if (typeof paused === 'boolean' && paused !== was['paused']) await setPaused(id, paused, work);
    return readBack(id, work);
  },

  async delete(id, _was, { ask }) {
    try {
      await ask(questionOf(id, 'delete', { method: 'DELETE' }));
    } catch (error) {
      if (!hasCode(error, 404)) throw error;
    }
  },
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
  await ask(questionOf(id, verb, { method: 'POST', path, body: {} }));
}

function questionOf(
  id: string,
  verb: 'create' | 'get' | 'update' | 'delete' | 'pause' | 'enable',
  call: Pick<Question, 'method'> & Partial<Question>,
): Question {
  return {
    service: 'cloudScheduler',
    path: id,
    asked: `${verb === 'get' ? 'read' : verb} the job ${id}`,
    permission: `cloudscheduler.jobs.${verb} (roles/cloudscheduler.admin has it)`,
    ...call,
  };
}

function bodyOf(inputs: Properties): Properties {
  const kept = settled(pick(inputs, BODY));
  return isObject(kept) ? kept : {};
}

async function readBack(id: string, work: Work): Promise<Properties> {
  const state = await JOB.read(id, {}, work);
  if (state === undefined) throw new Error(`${id} was there and is gone again; run this again`);
  return state;
}

function stateOf(id: string, job: Properties): Properties {
  const [, project = '', , region = '', , name = ''] = id.split('/');
  const target: PropertyValue | undefined = readTarget(job['httpTarget']);
  const state = textOf(job, 'state') || 'ENABLED';
  return {
    ...omit(pick(job, BODY), 'httpTarget'),
    ...(target !== undefined && { httpTarget: target }),
    project,
    region,
    name,
    state,
    paused: state === 'PAUSED',
  };
}
