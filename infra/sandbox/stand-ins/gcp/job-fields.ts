import {
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, LOCATION, PROJECT, type Fields } from './field.ts';
import { inventedName } from './invented-name.ts';
import { readTarget, sameRetries, sameTarget, targetProblem } from './job-target.ts';
import { omit, pick, textOf } from './property-text.ts';
import { sameValue, settled } from './same-value.ts';

/** What a job may call; it calls one of them. */
export const TARGETS = ['httpTarget', 'pubsubTarget', 'appEngineHttpTarget'] as const;
const DEFAULT_DEADLINE = '180s';
const LONGEST_NAME = 500;

/** The inputs of a job. */
export const JOB_FIELDS: Fields = {
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

/** A job as a request has it, without its name. */
export function bodyOf(inputs: Properties): Properties {
  const kept = settled(pick(inputs, BODY));
  return isObject(kept) ? kept : {};
}

/** The outputs from a job as Google has it. */
export function stateOf(id: string, job: Properties): Properties {
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
