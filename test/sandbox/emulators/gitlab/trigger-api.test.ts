import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createQueue,
  type Run,
  openPipelines,
} from '../../../../infra/sandbox/emulators/gitlab/pipelines.ts';
import { startTriggerApi } from '../../../../infra/sandbox/emulators/gitlab/trigger-api.ts';
import { readTrigger } from '../../../../infra/sandbox/emulators/gitlab/trigger-request.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';

const SHA = 'a'.repeat(40);

/** An emulator whose pipelines do as `run` does. */
async function start(run: Run = () => Promise.resolve(true), folder = temporaryFolder()) {
  const store = openPipelines(folder);
  const queue = createQueue(store, run);
  const api = await startTriggerApi({
    port: 0,
    token: 'secret',
    store,
    queue,
    commitOf: (branch) => Promise.resolve(branch === 'main' ? SHA : undefined),
  });
  onTestFinished(() => api.close());
  const url = `http://${api.address}`;
  const trigger = async (ref = 'main', token = 'secret') => {
    const body = new URLSearchParams({ token, ref });
    const path = '/api/v4/projects/1/trigger/pipeline';
    const response = await fetch(url + path, { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  };
  const statuses = async () => {
    const all = (await (await fetch(`${url}/pipelines`)).json()) as { status: string }[];
    return all.map(({ status }) => status);
  };
  return { folder, queue, url, trigger, statuses };
}

test('the response to a trigger is the created pipeline, which then runs', async () => {
  const { trigger, statuses, url } = await start();
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
  const { trigger, statuses } = await start();
  expect(await trigger('no-such')).toEqual({
    status: 400,
    body: { message: { base: ['Reference not found'] } },
  });
  expect((await trigger('main', 'wrong')).status).toBe(404);
  expect(await statuses()).toEqual([]);
});

test('pipelines run one at a time, in order, and after a failure the next one runs', async () => {
  const events: string[] = [];
  const { trigger, statuses } = await start(async ({ id }) => {
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
  for (const _ of [1, 2, 3]) await trigger();
  await expect.poll(() => events).toHaveLength(6);
  expect(events).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  await expect.poll(statuses).toEqual(['failed', 'failed', 'success']);
  expect(log.mock.calls).toEqual([[new Error('a bug')]]);
});

test('a close ends the running pipeline and begins no other; both count as canceled', async () => {
  const { folder, trigger, queue, statuses } = await start(async (_, stop) => {
    await once(stop, 'abort');
    return true;
  });
  await trigger();
  await trigger();
  await expect.poll(statuses).toEqual(['running', 'created']);
  await queue.close();
  const canceled = { status: 'canceled' };
  expect(openPipelines(folder).all()).toMatchObject([canceled, canceled]);
});

test('a pipeline that ran stays, and its log is served', async () => {
  const { folder, trigger, statuses } = await start(({ id }) => {
    writeFileSync(join(folder, String(id), 'log'), `log of ${id}\n`);
    return Promise.resolve(true);
  });
  await trigger();
  await expect.poll(statuses).toEqual(['success']);
  const again = await start(undefined, folder);
  expect(await (await fetch(`${again.url}/pipelines/1`)).text()).toBe('log of 1\n');
  expect((await fetch(`${again.url}/pipelines/2`)).status).toBe(404);
  expect((await again.trigger()).body).toMatchObject({ id: 2 });
});

const TOKEN = 'glptt-0123';
const FORM = 'application/x-www-form-urlencoded';
const NOT_FOUND = { status: 404, body: { message: '404 Not Found' } };
const missing = (error: string) => ({ status: 400, body: { error } });

test.each<[string, string, object, string?, string?]>([
  ['a form', `token=${TOKEN}&ref=main`, { ref: 'main' }],
  [
    'a form with a character set',
    `ref=main&token=${TOKEN}`,
    { ref: 'main' },
    `${FORM}; charset=utf-8`,
  ],
  ['a form without a token', 'ref=main', missing('token is missing')],
  ['a form without a branch', `token=${TOKEN}`, missing('ref is missing')],
  ['no form', '', missing('ref is missing, token is missing')],
  ['another token', 'token=glptt-0124&ref=main', NOT_FOUND],
  ['an empty token', 'token=&ref=main', NOT_FOUND],
  ['another project, which is not confirmed', `token=${TOKEN}&ref=main`, NOT_FOUND, FORM, '2'],
  ['another type', 'ref=main', { status: 415 }, 'text/plain'],
])('%s is read as GitLab reads it', (_, body, result, type = FORM, project = '1') => {
  expect(readTrigger(project, type, body, TOKEN)).toMatchObject(result);
});
