import { describe, expect, test } from 'vitest';
import { apiError, NOON, PARENT, startApi } from './started-api.ts';

/** Where the tests' jobs are. */
const JOBS = `v1/${PARENT}/jobs`;
const NAME = `${PARENT}/jobs/refresh`;
/** A job that Cloud Scheduler would take. */
const JOB = {
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
/** The job in a response. */
const COMPLETE = {
  ...JOB,
  state: 'ENABLED',
  userUpdateTime: NOON,
  retryConfig: {
    retryCount: 3,
    maxRetryDuration: '0s',
    minBackoffDuration: '5s',
    maxBackoffDuration: '3600s',
    maxDoublings: 5,
  },
  httpTarget: {
    ...JOB.httpTarget,
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'Google-Cloud-Scheduler' },
    oauthToken: {
      ...JOB.httpTarget.oauthToken,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    },
  },
};

describe('jobs', () => {
  test('have what the service fills in, are paused and resumed', async () => {
    const { call } = await startApi();
    // What the service writes itself is ignored.
    const { body } = await call('POST', JOBS, { ...JOB, state: 'PAUSED', userUpdateTime: 'x' });
    expect(body).toEqual(COMPLETE);
    const paused = await call('POST', `v1/${NAME}:pause`, {});
    expect(paused.body).toEqual({ ...COMPLETE, state: 'PAUSED' });
    expect((await call('GET', `v1/${NAME}`)).body).toEqual(paused.body);
    expect((await call('POST', `v1/${NAME}:resume`, {})).body).toEqual(COMPLETE);
  });

  test('are replaced by a patch without a mask, but stay paused', async () => {
    const { call } = await startApi();
    await call('POST', JOBS, JOB);
    await call('POST', `v1/${NAME}:pause`, {});
    const [schedule, uri] = ['0 4 * * 1', 'https://example.com'];
    const { body } = await call('PATCH', `v1/${NAME}`, { schedule, httpTarget: { uri } });
    // The official plug-in needs headers in a response even when none were set.
    const headers = { 'User-Agent': 'Google-Cloud-Scheduler' };
    const whole = { schedule, httpTarget: { uri, httpMethod: 'POST', headers } };
    const defaults = { timeZone: 'Etc/UTC', attemptDeadline: '180s' };
    const other = { name: NAME, state: 'PAUSED', userUpdateTime: NOON };
    expect(body).toEqual({ ...whole, ...defaults, ...other });
    const change = { description: 'Other', schedule: JOB.schedule };
    const masked = await call('PATCH', `v1/${NAME}?updateMask=description`, change);
    expect(masked.body).toEqual({ ...(body as object), description: 'Other' });
  });
});

const target = (change: object) => ({ httpTarget: { ...JOB.httpTarget, ...change } });
const SCHEDULE = /^Schedule or time zone is invalid.$/;
const RETRIES = /retryCount' \(it must be 0 to 5\)/;
const DEADLINE = /between 15 seconds and 30 minutes/;

test.each<[string, object, RegExp]>([
  ['an unknown field', { paused: true }, /Unknown name "paused" at 'job': Cannot find field/],
  ['a name of another place', { name: 'refresh' }, /must be formatted/],
  ['no target', { httpTarget: undefined }, /target/],
  ['no schedule', { schedule: undefined }, SCHEDULE],
  ['six fields of cron', { schedule: '0 0 3 * * 1' }, SCHEDULE],
  ['a time zone that is none', { timeZone: 'Europe/Atlantis' }, SCHEDULE],
  ['an offset for a time zone', { timeZone: '+01:00' }, SCHEDULE],
  ['six retries', { retryConfig: { retryCount: 6 } }, RETRIES],
  ['a negative number of retries', { retryConfig: { retryCount: -1 } }, RETRIES],
  ['a deadline below 15 s', { attemptDeadline: '14.999s' }, DEADLINE],
  ['a deadline above 30 min', { attemptDeadline: '1801s' }, DEADLINE],
  ['an address that is none', target({ uri: 'ftp://example.com' }), /must start with http/],
  ['an address that is too long', target({ uri: `https://a/${'x'.repeat(2083)}` }), /2083/],
  ['a body that is not base64', target({ body: '{}' }), /TYPE_BYTES/],
  ['a token of nobody', target({ oauthToken: {} }), /serviceAccountEmail/],
])('a job with %s is rejected', async (_, change, message) => {
  const { call } = await startApi();
  expect(await call('POST', JOBS, { ...JOB, ...change })).toMatchObject(
    apiError(400, 'INVALID_ARGUMENT', expect.stringMatching(message)),
  );
  expect((await call('GET', JOBS)).body).toEqual({});
});

test.each([
  [{ attemptDeadline: '15s', retryConfig: { retryCount: 5 } }],
  [{ attemptDeadline: '1800s', retryConfig: { retryCount: 0 }, timeZone: 'utc' }],
])('a job at the limits is accepted: %j', async (change) => {
  const { call } = await startApi();
  expect(await call('POST', JOBS, { ...JOB, ...change })).toMatchObject({ status: 200 });
});
