import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { scriptedGoogle, type Script } from './scripted-google.ts';

export const TYPE = 'gcp:cloudscheduler/job:Job';
const PARENT = 'projects/ci-images/locations/europe-west4';
export const ID = `${PARENT}/jobs/refresh`;
export const AT = `cloudscheduler/v1/${ID}`;
export const CREATE = `POST cloudscheduler/v1/${PARENT}/jobs`;
export const TARGET: Properties = {
  uri: 'https://ci.example.com/start',
  httpMethod: 'POST',
  body: 'e30=',
  headers: { Accept: 'text/plain' },
  oauthToken: { serviceAccountEmail: 'a@p.iam.gserviceaccount.com', scope: 'https://s.org' },
};
export const NEWS: Properties = {
  name: 'refresh',
  schedule: '0 0 * * *',
  retryConfig: { retryCount: 1 },
  httpTarget: TARGET,
};
/** What Google has after `NEWS`: defaults written out, headers of its own. */
export const THERE: Properties = {
  name: ID,
  schedule: '0 0 * * *',
  timeZone: 'Etc/UTC',
  attemptDeadline: '180s',
  state: 'ENABLED',
  scheduleTime: '2026-01-01T00:00:00Z',
  retryConfig: { retryCount: 1, minBackoffDuration: '5s', maxDoublings: 5 },
  httpTarget: {
    ...TARGET,
    headers: {
      Accept: 'text/plain',
      'User-Agent': 'Google-Cloud-Scheduler',
      'Content-Type': 'application/octet-stream',
      'X-Google-Something': 'x',
    },
  },
};

/** A Google that knows the job; other responses may replace its own. */
export const google = (script: Script = {}) =>
  scriptedGoogle({
    [CREATE]: THERE,
    [`GET ${AT}`]: THERE,
    [`POST ${AT}:resume`]: THERE,
    [`POST ${AT}:pause`]: { ...THERE, state: 'PAUSED' },
    [`PATCH ${AT}`]: THERE,
    ...script,
  });
