import { isObject, type PropertyValue } from '../../../oci/protocol/resource-type.ts';
import { DELETION_POLICY, LOCATION, NAME, PROJECT } from './fields.ts';
import { objectOf, pick, sameValue } from './property.ts';
import { restKind } from './rest-kind.ts';

/** `gcp:cloudscheduler/job:Job` that calls an address. */
export const JOB = restKind({
  token: 'gcp:cloudscheduler/job:Job',
  service: 'cloudScheduler',
  noun: 'job',
  permissions: 'cloudscheduler.jobs',
  role: 'roles/cloudscheduler.admin',
  path: 'projects/{project}/locations/{region}/jobs/{name}',
  fields: {
    project: PROJECT,
    region: LOCATION,
    name: NAME,
    description: { type: 'text' },
    schedule: { type: 'text' },
    timeZone: { type: 'text', fallback: () => 'Etc/UTC' },
    attemptDeadline: { type: 'text', fallback: () => '180s', absent: '180s' },
    httpTarget: { type: 'object', required: true, receive: ownTarget },
    // The program has some of the settings, Google all of them.
    retryConfig: {
      type: 'object',
      computed: true,
      same: (was, wanted) =>
        isObject(was) && isObject(wanted)
          ? sameValue(pick(was, Object.keys(wanted)), wanted)
          : sameValue(was, wanted),
    },
    paused: { type: 'flag', computed: true },
    deletionPolicy: DELETION_POLICY,
  },
  outputs: ['state'],
  createBody: (job, id) => ({ name: id, ...job }),
  // The official plug-in sends all fields and no mask.
  updateRequest: (_fields, _mask, all) => ({ body: all }),
  flag: { field: 'paused', on: ['pause', 'pause'], off: ['resume', 'enable'], always: true },
  stateOf: ({ state = 'ENABLED' }) => ({ state, paused: state === 'PAUSED' }),
});

/** Headers that Google adds. */
const GOOGLES = /^(?:X-Google-|X-AppEngine-|Content-Length$)/i;
const ADDED: Readonly<Record<string, string>> = {
  'User-Agent': 'Google-Cloud-Scheduler',
  'Content-Type': 'application/octet-stream',
};

/** An HTTP target without the headers that Google adds. */
function ownTarget(target: PropertyValue | undefined): PropertyValue | undefined {
  if (!isObject(target)) return undefined;
  const headers = Object.entries(objectOf(target, 'headers')).filter(
    ([name, value]) => !GOOGLES.test(name) && ADDED[name] !== value,
  );
  const rest = Object.entries(target).filter(([name]) => name !== 'headers');
  if (headers.length > 0) rest.push(['headers', Object.fromEntries(headers)]);
  return Object.fromEntries(rest);
}
