import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nextWait, sendRequest } from '../../../../infra/sandbox/emulators/google/jobs.ts';
import { startLoopbackServer } from '../../../../infra/sandbox/emulators/loopback-server.ts';
import { apiError, NOON, PARENT, startApi } from './started-api.ts';

const NAME = `${PARENT}/jobs/refresh`;
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';

/**
 * A server of the running test's own for the requests of a job. It responds with `statuses` in turn, the
 * last one for good; with 0 never.
 */
async function startTarget(...statuses: number[]) {
  const received: object[] = [];
  const arrival = Promise.withResolvers<undefined>();
  const server = await startLoopbackServer(0, async (request, response) => {
    const { method, url: path, headers } = request;
    received.push({ method, path, headers, body: await text(request) });
    arrival.resolve(undefined);
    const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
    if (status !== 0) response.writeHead(status, { location: '/elsewhere' }).end();
  });
  onTestFinished(() => server.close());
  /** `arrival` settles at the first request. */
  return { uri: `http://${server.address}/hook?x=1`, received, arrival: arrival.promise };
}

async function startWithJob(httpTarget: object, retryCount = 0) {
  const api = await startApi();
  const retryConfig = { minBackoffDuration: '0.01s', maxBackoffDuration: '0.02s', retryCount };
  const job = { name: NAME, schedule: '0 3 * * 1', httpTarget, retryConfig };
  expect(await api.call('POST', `v1/${PARENT}/jobs`, job)).toMatchObject({ status: 200 });
  return { ...api, fire: () => api.call('POST', `emulator/v1/jobs/${NAME}:fire`) };
}

describe('a fired job', () => {
  test('really sends its request, with its headers, body and a token that names the account', async () => {
    const target = await startTarget(204);
    const { call, fire } = await startWithJob({
      uri: target.uri,
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{"ref":"main"}').toString('base64'),
      oauthToken: { serviceAccountEmail: EMAIL },
    });
    expect((await fire()).body).toEqual({
      state: 'SUCCEEDED',
      attempts: [{ time: NOON, httpStatus: 204, status: {} }],
    });
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Google-Cloud-Scheduler',
      authorization: `Bearer emulated-access-token-of-${EMAIL}`,
      'x-cloudscheduler': 'true',
      'x-cloudscheduler-jobname': 'refresh',
      'x-cloudscheduler-scheduletime': NOON,
    };
    const request = { method: 'POST', path: '/hook?x=1', body: '{"ref":"main"}', headers };
    expect(target.received).toMatchObject([request]);
    const { body } = await call('GET', `v1/${NAME}`);
    expect(body).toMatchObject({ lastAttemptTime: NOON, status: {} });
  });

  test.each([
    ['succeeds at a retry', 5, [503, 500, 200], [14, 13, undefined]],
    ['fails without retries', 0, [403], [7]],
    ['fails after its retries', 2, [403, 403, 403], [7, 7, 7]],
    ['fails at a redirect', 0, [302], [2]],
  ])('%s', async (_, retryCount, statuses, codes) => {
    const { uri, received } = await startTarget(...statuses);
    const { call, fire } = await startWithJob({ uri }, retryCount);
    const attempts = codes.map((code, at) => ({
      httpStatus: statuses[at],
      status: code === undefined ? {} : { code },
    }));
    const state = codes.at(-1) === undefined ? 'SUCCEEDED' : 'FAILED';
    expect((await fire()).body).toMatchObject({ state, attempts });
    expect(received).toHaveLength(attempts.length);
    const { body } = await call('GET', `v1/${NAME}`);
    expect(body).toMatchObject({ status: attempts.at(-1)?.status });
  });

  test('fails where nobody listens', async () => {
    const { fire } = await startWithJob({ uri: 'http://127.0.0.1:9/' });
    const { body } = await fire();
    expect(body).toMatchObject({ state: 'FAILED', attempts: [{ status: { code: 14 } }] });
  });

  test('that is running is not started again, and ends when the emulator does', async () => {
    const target = await startTarget(0);
    const { fire, restart } = await startWithJob({ uri: target.uri }, 5);
    const first = fire().catch(() => 'cut off');
    await target.arrival;
    expect(await fire()).toMatchObject(apiError(409, 'ABORTED'));
    await restart();
    await first;
    expect(target.received).toHaveLength(1);
  });
});

test('an attempt ends at its deadline', async () => {
  const target = await startTarget(0);
  const job = { httpTarget: { uri: target.uri }, attemptDeadline: '0.05s' };
  const attempt = await sendRequest(NAME, job, NOON, new AbortController().signal);
  expect(attempt).toMatchObject({ status: { code: 4 } });
  expect(attempt).not.toHaveProperty('httpStatus');
});

test('the wait for the next attempt doubles maxDoublings times, up to the longest', () => {
  const retries = { retryCount: 5, minBackoffDuration: '10s', maxDoublings: 3 };
  const waits = (more: object) =>
    [1, 2, 3, 4, 5, 6].map((attempts) => nextWait({ ...retries, ...more }, attempts));
  expect(waits({})).toEqual([10_000, 20_000, 40_000, 80_000, 80_000, undefined]);
  expect(waits({ maxBackoffDuration: '30s' }).slice(1, 4)).toEqual([20_000, 30_000, 30_000]);
  expect(nextWait({}, 1)).toBeUndefined();
});
