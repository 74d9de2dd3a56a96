import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nextWait, sendRequest } from '../../../../infra/sandbox/emulators/google/job-runner.ts';
import { apiError, NOON, PARENT, startApi } from './started-api.ts';

const NAME = `${PARENT}/jobs/refresh`;
const FIRE = `emulator/v1/jobs/${NAME}:fire`;
const EMAIL = 'runner@ci-images.iam.gserviceaccount.com';

/**
 * A server of the running test's own for the requests of a job. It responds with `statuses` in turn, the
 * last one for good; with 0 never.
 */
async function startTarget(...statuses: number[]) {
  const received: object[] = [];
  const arrival = Promise.withResolvers<undefined>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(pieces).toString() });
      arrival.resolve(undefined);
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      if (status !== 0) response.writeHead(status ?? 200, { location: '/elsewhere' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`,
    received,
    /** Settles at the first request. */
    arrival: arrival.promise,
  };
}

async function startWithJob(httpTarget: object, retryCount = 0) {
  const api = await startApi();
  const retryConfig = { minBackoffDuration: '0.01s', maxBackoffDuration: '0.02s', retryCount };
  const job = { name: NAME, schedule: '0 3 * * 1', httpTarget, retryConfig };
  const { status, body } = await api.call('POST', `v1/${PARENT}/jobs`, job);
  expect([status, body]).toMatchObject([200, {}]);
  return api;
}

describe('a fired job', () => {
  test('really sends its request, with its headers, body and a token that names the account', async () => {
    const target = await startTarget(204);
    const { call } = await startWithJob({
      uri: target.uri,
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{"ref":"main"}').toString('base64'),
      oauthToken: { serviceAccountEmail: EMAIL },
    });
    expect((await call('POST', FIRE)).body).toEqual({
      state: 'SUCCEEDED',
      attempts: [{ time: NOON, httpStatus: 204, status: {} }],
    });
    expect(target.received).toMatchObject([
      {
        method: 'POST',
        path: '/hook?x=1',
        body: '{"ref":"main"}',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Google-Cloud-Scheduler',
          authorization: `Bearer emulated-access-token-of-${EMAIL}`,
          'x-cloudscheduler': 'true',
          'x-cloudscheduler-jobname': 'refresh',
          'x-cloudscheduler-scheduletime': NOON,
        },
      },
    ]);
    expect((await call('GET', `v1/${NAME}`)).body).toMatchObject({
      lastAttemptTime: NOON,
      status: {},
    });
  });

  test('is tried again until it goes well', async () => {
    const target = await startTarget(503, 500, 200);
    const { call } = await startWithJob({ uri: target.uri }, 5);
    const { body } = await call('POST', FIRE);
    expect(body).toMatchObject({
      state: 'SUCCEEDED',
      attempts: [{ httpStatus: 503 }, { httpStatus: 500 }, { httpStatus: 200 }],
    });
  });

  test.each([0, 2])('fails after %i retries', async (retryCount) => {
    const target = await startTarget(403);
    const { call } = await startWithJob({ uri: target.uri }, retryCount);
    expect((await call('POST', FIRE)).body).toMatchObject({ state: 'FAILED' });
    expect(target.received).toHaveLength(retryCount + 1);
    expect((await call('GET', `v1/${NAME}`)).body).toMatchObject({ status: { code: 7 } });
  });

  test('fails at a redirect, and where nobody listens', async () => {
    const target = await startTarget(302);
    const redirected = await startWithJob({ uri: target.uri });
    expect((await redirected.call('POST', FIRE)).body).toMatchObject({
      state: 'FAILED',
      attempts: [{ httpStatus: 302, status: { code: 2 } }],
    });
    expect(target.received).toHaveLength(1);
    const { call } = await startWithJob({ uri: 'http://127.0.0.1:9/' });
    const { body } = await call('POST', FIRE);
    expect(body).toMatchObject({ state: 'FAILED', attempts: [{ status: { code: 14 } }] });
  });

  test('that is paused sends no request', async () => {
    const target = await startTarget(200);
    const { call } = await startWithJob({ uri: target.uri });
    await call('POST', `v1/${NAME}:pause`, {});
    expect(await call('POST', FIRE)).toMatchObject(apiError(409, 'ABORTED'));
    expect(target.received).toEqual([]);
  });

  test('that is running is not started again, and ends when the emulator does', async () => {
    const target = await startTarget(0);
    const api = await startWithJob({ uri: target.uri }, 5);
    const first = api.call('POST', FIRE).catch(() => 'cut off');
    await target.arrival;
    expect(await api.call('POST', FIRE)).toMatchObject(apiError(409, 'ABORTED'));
    await api.restart();
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

describe('the wait for the next attempt', () => {
  const retries = { minBackoffDuration: '10s', maxBackoffDuration: '300s', maxDoublings: 3 };
  const seconds = (attempts: number, more: object, elapsed = 0) => {
    const wait = nextWait({ ...retries, ...more }, attempts, elapsed);
    return wait === undefined ? undefined : wait / 1000;
  };

  test('doubles maxDoublings times, then grows by the last step, up to the longest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => seconds(at, { retryCount: 9 }));
    // 10 × 2³ = 80, then 80 more each time.
    expect(waits).toEqual([10, 20, 40, 80, 160, 240, 300, 300]);
  });

  test('ends when both the number and the time of retries are reached', () => {
    expect(seconds(2, { retryCount: 2 })).toBe(20);
    expect(seconds(3, { retryCount: 2 })).toBeUndefined();
    expect(seconds(3, { retryCount: 2, maxRetryDuration: '60s' }, 59_000)).toBe(40);
    expect(seconds(3, { retryCount: 2, maxRetryDuration: '60s' }, 60_000)).toBeUndefined();
    expect(seconds(1, {})).toBeUndefined();
  });
});
