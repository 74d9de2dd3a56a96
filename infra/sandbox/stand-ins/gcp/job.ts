import { isObject, type PropertyValue } from '../../../oci/protocol/resource-type.ts';
import { LOCATION, NAME } from './fields.ts';
import { pick, sameValue } from './property.ts';
import { restKind } from './rest-kind.ts';

/** `gcp:cloudscheduler/job:Job` that calls an address. */
export const JOB = restKind({
  token: 'gcp:cloudscheduler/job:Job',
  service: 'cloudScheduler',
  noun: 'job',
  path: 'projects/{project}/locations/{region}/jobs/{name}',
  fields: {
    region: LOCATION,
    name: NAME,
    description: { type: 'string' },
    schedule: { type: 'string' },
    timeZone: { type: 'string', fallback: () => 'Etc/UTC' },
    attemptDeadline: { type: 'string', fallback: () => '180s', absent: '180s' },
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
    paused: { type: 'boolean', computed: true },
  },
  outputs: ['state'],
  createBody: (job, id) => ({ name: id, ...job }),
  // The official plug-in sends all fields and no mask.
  updateRequest: (_fields, _mask, all) => ({ body: all }),
  flag: {
    field: 'paused',
    callFor: (isPaused) => (isPaused ? 'pause' : 'resume'),
  },
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
  const { headers = {}, ...rest } = target;
  const own = Object.entries(headers ?? {}).filter(
    ([name, value]) => !GOOGLES.test(name) && ADDED[name] !== value,
  );
  return own.length === 0 ? rest : { ...rest, headers: Object.fromEntries(own) };
}
