import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createQueue,
  type Run,
  openPipelines,
} from '../../../../infra/sandbox/emulators/gitlab/pipelines.ts';
import { startTriggerApi } from '../../../../infra/sandbox/emulators/gitlab/trigger-api.ts';
import { readTrigger } from '../../../../infra/sandbox/emulators/gitlab/trigger-request.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const SHA = 'a'.repeat(40);

/** A receiver whose pipelines do as `run` does. */
async function receiver(run: Run, folder = temporaryFolder()) {
  const store = openPipelines(folder);
  const queue = createQueue(store, run);
  const api = await startTriggerApi({
    port: 0,
    token: 'secret',
    store,
    queue,
    commitOf: (branch) => Promise.resolve(branch === 'main' ? SHA : undefined),
  });
  const url = `http://${api.address}`;
  onTestFinished(() => api.close());
  const trigger = async (ref = 'main', token = 'secret') => {
    const body = new URLSearchParams({ token, ref });
    const response = await fetch(`${url}/api/v4/projects/1/trigger/pipeline`, {
      method: 'POST',
      body,
    });
    return { status: response.status, body: await response.json() };
  };
  const statuses = async () => {
    const all = (await (await fetch(`${url}/pipelines`)).json()) as { status: string }[];
    return all.map(({ status }) => status);
  };
  return { folder, store, queue, url, trigger, statuses };
}

test('the response to a trigger is the created pipeline, which then runs', async () => {
  const { trigger, statuses, url } = await receiver(() => Promise.resolve(true));
  expect(await trigger()).toEqual({
    status: 201,
    body: expect.objectContaining({
      id: 1,
      project_id: 1,
      ref: 'main',
      sha: SHA,
      source: 'trigger',
      status: 'created',
      web_url: `${url}/pipelines/1`,
    }) as object,
  });
  await expect.poll(statuses).toEqual(['success']);
});

test('an unknown branch or a wrong token creates no pipeline', async () => {
  const { trigger, statuses } = await receiver(() => Promise.resolve(true));
  expect(await trigger('no-such')).toEqual({
    status: 400,
    body: { message: { base: ['Reference not found'] } },
  });
  expect((await trigger('main', 'wrong')).status).toBe(404);
  expect(await statuses()).toEqual([]);
});

test('pipelines run one at a time, in order, and after a failure the next one runs', async () => {
  const events: string[] = [];
  const { trigger, statuses } = await receiver(async ({ id }) => {
    events.push(`${id} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    events.push(`${id} ends`);
    if (id === 2) throw new Error('a bug');
    return id !== 1;
  });
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => {
    log.mockRestore();
  });
  await trigger();
  await trigger();
  await trigger();
  await expect.poll(() => events).toHaveLength(6);
  expect(events).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  await expect.poll(statuses).toEqual(['failed', 'failed', 'success']);
  expect(log.mock.calls).toEqual([[new Error('a bug')]]);
});

test('a close ends the running pipeline and begins no other; both count as canceled', async () => {
  const folder = temporaryFolder();
  const { trigger, queue, statuses } = await receiver(
    (_, stop) =>
      new Promise((resolve) => {
        stop.addEventListener('abort', () => {
          resolve(true);
        });
      }),
    folder,
  );
  await trigger();
  await trigger();
  await expect.poll(statuses).toEqual(['running', 'created']);
  await queue.close();
  expect(openPipelines(folder).all()).toMatchObject([
    { status: 'canceled' },
    { status: 'canceled' },
  ]);
});

test('a pipeline that ran stays, and its log is served', async () => {
  const { folder, trigger, statuses } = await receiver(({ id }) => {
    mkdirSync(join(folder, String(id)), { recursive: true });
    writeFileSync(join(folder, String(id), 'log'), `log of ${id}\n`);
    return Promise.resolve(true);
  });
  await trigger();
  await expect.poll(statuses).toEqual(['success']);
  const again = await receiver(() => Promise.resolve(true), folder);
  expect(await (await fetch(`${again.url}/pipelines/1`)).text()).toBe('log of 1\n');
  expect((await fetch(`${again.url}/pipelines/2`)).status).toBe(404);
  expect((await again.trigger()).body).toMatchObject({ id: 2 });
});

const TOKEN = 'glptt-0123';
const FORM = 'application/x-www-form-urlencoded';
const read = (body: string, type: string | undefined = FORM, project = '1') =>
  readTrigger(project, type, body, TOKEN);

const NOT_FOUND = { status: 404, body: { message: '404 Not Found' } };

describe("a request of GitLab's trigger", () => {
  test.each([
    ['a form', `token=${TOKEN}&ref=main`, FORM],
    ['a form with a character set', `ref=main&token=${TOKEN}`, `${FORM}; charset=utf-8`],
    ['JSON', JSON.stringify({ token: TOKEN, ref: 'main' }), 'application/json'],
  ])('may be %s', (_, body, type) => {
    expect(read(body, type)).toEqual({ ref: 'main' });
  });

  test.each([
    ['ref=main', 'token is missing'],
    [`token=${TOKEN}`, 'ref is missing'],
    ['', 'ref is missing, token is missing'],
  ])('with the body %j is an error: %s', (body, error) => {
    expect(read(body)).toEqual({ status: 400, body: { error } });
  });

  test('with another token, and for another project, is not found: neither is confirmed', () => {
    expect(read('token=glptt-0124&ref=main')).toEqual(NOT_FOUND);
    expect(read(`token=${TOKEN}&ref=main`, FORM, '2')).toEqual(NOT_FOUND);
    expect(read('token=&ref=main')).toEqual(NOT_FOUND);
  });

  test.each([
    [`token=${TOKEN}&ref=main&variables[A]=b`, FORM],
    [JSON.stringify({ token: TOKEN, ref: 'main', variables: { A: 'b' } }), 'application/json'],
  ])('may set no variables: %s', (body, type) => {
    expect(read(body, type)).toMatchObject({ status: 400 });
  });

  test('of another type, or that is no JSON, is an error', () => {
    expect(read('ref=main', 'text/plain')).toMatchObject({ status: 415 });
    expect(read('ref=main', 'application/json')).toMatchObject({ status: 400 });
  });
});
