import type { Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { scriptedGoogle, type Answer } from './scripted-google.ts';

export const TYPE = 'gcp:cloudscheduler/job:Job';
export const PARENT = 'projects/ci-images/locations/europe-west4';
export const ID = `${PARENT}/jobs/refresh`;
export const AT = `cloudscheduler/v1/${ID}`;
export const CREATE = `POST cloudscheduler/v1/${PARENT}/jobs`;
export const TARGET: Properties = {
  uri: 'https://ci.example.com',
  httpMethod: 'POST',
  body: 'e30=',
  headers: { Accept: 'text/plain' },
  oauthToken: { serviceAccountEmail: 'a@p.iam.gserviceaccount.com' },
};
export const NEWS: Properties = {
  name: 'refresh',
  schedule: '0 0 * * *',
  retryConfig: { retryCount: 0, minBackoffDuration: '10s' },
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
  retryConfig: { retryCount: 0, minBackoffDuration: '10s', maxDoublings: 5 },
  httpTarget: {
    ...TARGET,
    uri: 'https://ci.example.com/',
    headers: {
      Accept: 'text/plain',
      'User-Agent': 'Google-Cloud-Scheduler',
      'Content-Type': 'application/octet-stream',
      'X-Google-Something': 'x',
    },
    oauthToken: {
      serviceAccountEmail: 'a@p.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    },
  },
};

/** A Google that knows the job; other answers may replace its own. */
export const google = (answers: Record<string, Answer | readonly Answer[]> = {}) =>
  scriptedGoogle({
    [CREATE]: THERE,
    [`GET ${AT}`]: THERE,
    [`POST ${AT}:resume`]: THERE,
    [`POST ${AT}:pause`]: { ...THERE, state: 'PAUSED' },
    [`PATCH ${AT}`]: THERE,
    ...answers,
  });

/** The outputs after a first run. */
export async function made() {
  const { resource } = await google();
  return (await resource(TYPE).create(NEWS)).outputs;
}
