import { PARENT } from './started-api.ts';

/** Where the tests' jobs are. */
export const JOBS = `v1/${PARENT}/jobs`;
export const NAME = `${PARENT}/jobs/refresh`;
/** A job that Cloud Scheduler would take. */
export const JOB = {
  name: NAME,
  description: 'Weekly refresh',
  schedule: '0 3 * * 1',
  timeZone: 'Europe/Berlin',
  attemptDeadline: '320s',
  retryConfig: { retryCount: 3 },
  httpTarget: {
    uri: 'https://cloudbuild.googleapis.com/v1/projects/p/triggers/t:run',
    httpMethod: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from('{}').toString('base64'),
    oauthToken: { serviceAccountEmail: 'runner@ci-images.iam.gserviceaccount.com' },
  },
};
