import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { PipelineQueue, PipelineStore } from './pipelines.ts';
import { baseError, readTrigger } from './trigger-request.ts';
import { readTextFile } from '../../text-file.ts';

export interface TriggerApiOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** The secret that starts a pipeline. */
  readonly token: string;
  readonly store: PipelineStore;
  readonly queue: PipelineQueue;
  /** The commit of a branch of the project; `undefined` when there is no such branch. */
  readonly commitOf: (branch: string) => Promise<string | undefined>;
}

export interface TriggerApi {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  close(): Promise<void>;
}

interface Response {
  readonly status: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body: object | string;
}

const TRIGGER = /^\/api\/v4\/projects\/([^/]+)\/trigger\/pipeline$/;
const PIPELINE = /^\/pipelines\/(\d+)$/;
const NOT_FOUND: Response = { status: 404, body: { error: '404 Not Found' } };

/**
 * Serves on 127.0.0.1 `POST /api/v4/projects/1/trigger/pipeline` as GitLab does
 * (https://docs.gitlab.com/ci/triggers/). Its own: `GET /pipelines`, all pipelines, oldest first, and
 * `GET /pipelines/<id>`, the log of one.
 */
export async function startTriggerApi(options: TriggerApiOptions): Promise<TriggerApi> {
  const server = createServer().listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('listening at no port');
  const address = `127.0.0.1:${bound.port}`;
  server.on('request', (request, response) => {
    respond(request, options, `http://${address}`)
      .catch((error: unknown): Response => {
        console.error(error);
        return { status: 500, body: { message: '500 Internal Server Error' } };
      })
      .then((content) => {
        send(response, content);
      }, console.error);
  });
  return {
    address,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function respond(
  request: IncomingMessage,
  { token, store, queue, commitOf }: TriggerApiOptions,
  origin: string,
): Promise<Response> {
  const { method = '', headers } = request;
  const { pathname } = new URL(request.url ?? '/', origin);
  const body = await text(request);
  if (method === 'GET' && pathname === '/pipelines') return { status: 200, body: store.all() };
  const id = PIPELINE.exec(pathname)?.[1];
  if (method === 'GET' && id !== undefined) {
    if (!store.all().some((pipeline) => pipeline.id === Number(id))) return NOT_FOUND;
    const log = readTextFile(join(store.folderOf(Number(id)), 'log'));
    return { status: 200, body: log ?? '' };
  }
  const project = TRIGGER.exec(pathname)?.[1];
  if (project === undefined) return NOT_FOUND;
  if (method !== 'POST') return { status: 405, body: { error: '405 Not Allowed' } };
  const trigger = readTrigger(project, headers['content-type'], body, token);
  if ('status' in trigger) return trigger;
  const sha = await commitOf(trigger.ref);
  if (sha === undefined) return baseError('Reference not found');
  const pipeline = store.create({ ref: trigger.ref, sha }, origin);
  queue.add(pipeline);
  return { status: 201, body: pipeline };
}

function send(response: ServerResponse, { status, body }: Response): void {
  const [type, content] =
    typeof body === 'string' ? ['text/plain', body] : ['application/json', JSON.stringify(body)];
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(content);
}
