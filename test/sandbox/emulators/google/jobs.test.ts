import { describe, expect, test } from 'vitest';
import { JOB, JOBS, NAME } from './some-job.ts';
import { NOON, PARENT, apiError, startApi } from './started-api.ts';

/** As the service answers: with what it fills in. */
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
  test('are created, resumed, paused, read, listed and deleted', async () => {
    const { call } = await startApi();
    expect(await call('POST', `${JOBS}?alt=json`, JOB)).toMatchObject({
      status: 200,
      body: COMPLETE,
    });
    expect((await call('POST', `v1/${NAME}:resume`, {})).body).toEqual(COMPLETE);
    const paused = await call('POST', `v1/${NAME}:pause`, {});
    expect(paused.body).toEqual({ ...COMPLETE, state: 'PAUSED' });
    expect((await call('GET', `v1/${NAME}`)).body).toEqual(paused.body);
    expect((await call('GET', JOBS)).body).toEqual({ jobs: [paused.body] });
    expect(await call('POST', JOBS, JOB)).toMatchObject(apiError(409, 'ALREADY_EXISTS'));
    expect((await call('DELETE', `v1/${NAME}`)).body).toEqual({});
    for (const [method, path] of [
      ['GET', NAME],
      ['DELETE', NAME],
      ['POST', `${NAME}:pause`],
      ['POST', `${NAME}:resume`],
    ] as const) {
      expect(await call(method, `v1/${path}`)).toMatchObject(apiError(404, 'NOT_FOUND'));
    }
  });

  test('have headers in the response even when none were set: the official plug-in needs them', async () => {
    const { call } = await startApi();
    const httpTarget = { uri: 'https://example.com' };
    const { body } = await call('POST', JOBS, { name: NAME, schedule: '* * * * *', httpTarget });
    expect(body).toEqual({
      name: NAME,
      schedule: '* * * * *',
      timeZone: 'Etc/UTC',
      attemptDeadline: '180s',
      state: 'ENABLED',
      userUpdateTime: NOON,
      httpTarget: {
        ...httpTarget,
        httpMethod: 'POST',
        headers: { 'User-Agent': 'Google-Cloud-Scheduler' },
      },
    });
  });

  test('are replaced by a patch without a mask, but stay paused', async () => {
    const { call } = await startApi();
    await call('POST', JOBS, JOB);
    await call('POST', `v1/${NAME}:pause`, {});
    const { schedule, timeZone, httpTarget } = JOB;
    const { body } = await call('PATCH', `v1/${NAME}`, {
      schedule: '0 4 * * 1',
      timeZone,
      httpTarget,
    });
    expect(body).toMatchObject({
      name: NAME,
      schedule: '0 4 * * 1',
      state: 'PAUSED',
      attemptDeadline: '180s',
    });
    expect(body).not.toHaveProperty('description');
    expect(body).not.toHaveProperty('retryConfig');
    const masked = await call('PATCH', `v1/${NAME}?updateMask=description`, {
      description: 'Other',
      schedule,
    });
    expect(masked.body).toEqual({ ...(body as object), description: 'Other' });
  });

  test('are not changed into what can not be', async () => {
    const { call } = await startApi();
    const { body } = await call('POST', JOBS, JOB);
    for (const change of [
      { schedule: 'daily' },
      { name: `${PARENT}/jobs/other` },
      { paused: true },
    ]) {
      const answer = await call('PATCH', `v1/${NAME}`, { ...JOB, ...change });
      expect(answer).toMatchObject(apiError(400, 'INVALID_ARGUMENT'));
    }
    expect((await call('GET', `v1/${NAME}`)).body).toEqual(body);
  });

  test('take what the service writes itself, and leave it out', async () => {
    const { call } = await startApi();
    const { body } = await call('POST', JOBS, { ...JOB, state: 'PAUSED', userUpdateTime: 'x' });
    expect(body).toEqual(COMPLETE);
  });

  test('are in a region that there is', async () => {
    const { call } = await startApi();
    for (const location of ['europe', 'nowhere']) {
      const name = NAME.replace('europe-west4', location);
      const path = JOBS.replace('europe-west4', location);
      const answer = await call('POST', path, { ...JOB, name });
      expect(answer).toMatchObject(apiError(403, 'PERMISSION_DENIED'));
    }
  });
});
