import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readTextFile } from '../../text-file.ts';
import { startLoopbackServer, type LoopbackServer } from '../loopback-server.ts';
import type { PipelineQueue, PipelineStore } from './pipelines.ts';
import { readTrigger } from './trigger-request.ts';

interface TriggerApiOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** The secret that starts a pipeline. */
  readonly token: string;
  readonly store: PipelineStore;
  readonly queue: PipelineQueue;
  /** The commit of a branch of the project; `undefined` when there is no such branch. */
  readonly commitOf: (branch: string) => Promise<string | undefined>;
}

/**
 * Serves on 127.0.0.1 `POST /api/v4/projects/1/trigger/pipeline` as GitLab does
 * (https://docs.gitlab.com/ci/triggers/). Its own: `GET /pipelines`, all pipelines, oldest first, and
 * `GET /pipelines/<id>`, the log of one.
 */
export async function startTriggerApi(options: TriggerApiOptions): Promise<LoopbackServer> {
  return startLoopbackServer(options.port, async (request, response) => {
    const { status, body } = await respond(request, options).catch((error: unknown): Response => {
      console.error(error);
      return { status: 500, body: { message: '500 Internal Server Error' } };
    });
    const [type, content] =
      typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(content);
  });
}

const TRIGGER = /^\/api\/v4\/projects\/([^/]+)\/trigger\/pipeline$/;

interface Response {
  readonly status: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body: object | string;
}

async function respond(
  request: IncomingMessage,
  { token, store, queue, commitOf }: TriggerApiOptions,
): Promise<Response> {
  const { method = '', headers } = request;
  const { pathname, origin } = new URL(request.url ?? '/', `http://${headers.host ?? ''}`);
  const body = await text(request);
  if (method === 'GET' && pathname === '/pipelines') return { status: 200, body: store.all() };
  const id = /^\/pipelines\/(\d+)$/.exec(pathname)?.[1];
  if (method === 'GET' && store.all().some((pipeline) => String(pipeline.id) === id)) {
    const log = readTextFile(join(store.folderOf(Number(id)), 'log'));
    return { status: 200, body: log ?? '' };
  }
  const project = TRIGGER.exec(pathname)?.[1];
  if (project === undefined) return { status: 404, body: { error: '404 Not Found' } };
  if (method !== 'POST') return { status: 405, body: { error: '405 Not Allowed' } };
  const trigger = readTrigger(project, headers['content-type'], body, token);
  if ('status' in trigger) return trigger;
  const sha = await commitOf(trigger.ref);
  if (sha === undefined)
    return { status: 400, body: { message: { base: ['Reference not found'] } } };
  const pipeline = store.create({ ref: trigger.ref, sha }, origin);
  queue.add(pipeline);
  return { status: 201, body: pipeline };
}
