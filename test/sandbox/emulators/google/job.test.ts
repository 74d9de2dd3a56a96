import { expect, test } from 'vitest';
import { JOB, JOBS, NAME } from './some-job.ts';
import { apiError, PARENT, startApi } from './started-api.ts';

const target = (change: object) => ({ httpTarget: { ...JOB.httpTarget, ...change } });
const SCHEDULE = /^Schedule or time zone is invalid.$/;
const DEADLINE = /between 15 seconds and 30 minutes/;
const BAD: readonly [string, object, RegExp][] = [
  ['an unknown field', { paused: true }, /Unknown name "paused" at 'job': Cannot find field/],
  ['an unknown field of the target', target({ url: 'x' }), /"url" at 'job.http_target'/],
  ['a name of another place', { name: 'refresh' }, /must be formatted/],
  ['a name with a period', { name: `${NAME}.x` }, /Invalid id/],
  ['a name that is too long', { name: `${PARENT}/jobs/${'x'.repeat(501)}` }, /Invalid id/],
  ['no target', { httpTarget: undefined }, /target/],
  ['no schedule', { schedule: undefined }, SCHEDULE],
  ['six fields of cron', { schedule: '0 0 3 * * 1' }, SCHEDULE],
  ['an hour 24', { schedule: '0 24 * * *' }, SCHEDULE],
  ['a time zone that is none', { timeZone: 'Europe/Atlantis' }, SCHEDULE],
  ['an offset for a time zone', { timeZone: '+01:00' }, SCHEDULE],
  ['six retries', { retryConfig: { retryCount: 6 } }, /retry_count' \(it must be 0 to 5\)/],
  ['a negative number of retries', { retryConfig: { retryCount: -1 } }, /it must be 0 to 5/],
  ['half a retry', { retryConfig: { retryCount: 0.5 } }, /TYPE_INT32/],
  ['waits that shrink', { retryConfig: { maxBackoffDuration: '1s' } }, /min_backoff_duration/],
  ['a negative wait', { retryConfig: { minBackoffDuration: '-1s' } }, /negative/],
  ['a deadline below 15 s', { attemptDeadline: '14.999s' }, DEADLINE],
  ['a deadline above 30 min', { attemptDeadline: '1801s' }, DEADLINE],
  ['a deadline in minutes', { attemptDeadline: '5m' }, /Duration/],
  ['an address that is none', target({ uri: 'example.com' }), /must start with http/],
  ['an address of another kind', target({ uri: 'ftp://example.com' }), /must start with http/],
  ['an address that is too long', target({ uri: `https://a/${'x'.repeat(2083)}` }), /2083/],
  ['an unknown method', target({ httpMethod: 'FETCH' }), /TYPE_ENUM/],
  ['a body of a GET', target({ httpMethod: 'GET' }), /POST, PUT, or PATCH/],
  ['a body that is not base64', target({ body: '{}' }), /TYPE_BYTES/],
  ['a Content-Length', target({ headers: { 'content-length': '2' } }), /content-length/],
  ['a header of Google', target({ headers: { 'X-Google-Foo': 'x' } }), /X-Google-Foo/],
  ['a token of nobody', target({ oauthToken: {} }), /service_account_email/],
];

test.each(BAD)('a job with %s is rejected', async (_, change, message) => {
  const { call } = await startApi();
  expect(await call('POST', JOBS, { ...JOB, ...change })).toMatchObject(
    apiError(400, 'INVALID_ARGUMENT', expect.stringMatching(message)),
  );
  expect((await call('GET', JOBS)).body).toEqual({});
});

test.each([
  ['a deadline of 15 s', { attemptDeadline: '15s' }],
  ['a deadline of 30 min', { attemptDeadline: '1800s' }],
  ['5 retries', { retryConfig: { retryCount: 5 } }],
  ['UTC', { timeZone: 'utc' }],
])('a job with %s is accepted', async (_, change) => {
  const { call } = await startApi();
  expect(await call('POST', JOBS, { ...JOB, ...change })).toMatchObject({ status: 200 });
});
