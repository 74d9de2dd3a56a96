import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { isSecret } from '../../secret-file.ts';
import { parseJson } from '../../../../src/json.ts';
import { RegistryError } from '../../../../src/registry/registry-error.ts';
import { ApiError, invalidArgument, statusOf } from './api-error.ts';
import type { Faults } from './faults.ts';
import { messageJson } from './message-json.ts';
import type { Operations } from './operations.ts';
import { respond, type Route } from './router.ts';

/** Everything that a response depends on. */
interface Front {
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly operations: Operations;
  /** What the emulator's own methods take for a token. */
  readonly secret: string;
  /** Ends waits. */
  readonly closing: AbortSignal;
}

/** The one path of the emulator's own that anybody may read. */
const ALIVE = '/emulator/';

/** Responds to one HTTP request, with JSON in any case; or, when a fault says so, not at all. */
export async function handleRequest(
  { routes, faults, operations, secret, closing }: Front,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '' } = request;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const isGoogle = !url.pathname.startsWith('/emulator/');
  const fault = isGoogle ? faults.take(method, url) : undefined;
  try {
    const body = await readJson(request);
    if (fault?.delayMs !== undefined) await pause(fault.delayMs, undefined, { signal: closing });
    if (fault?.cut === true) {
      response.destroy();
      return;
    }
    const token = tokenOf(request, url);
    const isAllowed = isGoogle
      ? token !== undefined
      : url.pathname === ALIVE || isSecret(token ?? '', secret);
    if (!isAllowed) {
      const message = 'Request is missing required authentication credential.';
      throw new ApiError('UNAUTHENTICATED', message);
    }
    if (fault?.status !== undefined) {
      const message = fault.message ?? `The emulator was set up to respond with ${fault.status}.`;
      throw new ApiError(statusOf(fault.status), message);
    }
    const outcome = await respond(routes, method, url, { body, token });
    const result = fault?.polls === undefined ? outcome : operations.postpone(outcome, fault.polls);
    if (fault?.cut === 'after') response.destroy();
    else send(response, 200, isGoogle ? messageJson(result) : result);
  } catch (error) {
    const { code: usual, message, status, details } = asApiError(error);
    const code = fault?.status ?? usual;
    if (code === 429) response.setHeader('retry-after', '1');
    send(response, code, { error: { code, message, status, details } });
  }
}

/** The JSON body of a request; `{}` for an empty one. Forms of web pages can't send one of this type. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  if (body === '') return {};
  const isJson = /^application\/json(?: *;|$)/i.test(request.headers['content-type'] ?? '');
  const json = isJson ? parseJson(body) : undefined;
  if (json !== undefined) return json;
  throw invalidArgument(
    'Invalid JSON payload received. Unable to parse the request body as application/json.',
  );
}

/**
 * The token of a request; `undefined` without one. One in the address is refused, unlike at Google: logs have
 * addresses, and a link can hold it.
 */
function tokenOf({ headers }: IncomingMessage, { searchParams }: URL): string | undefined {
  if (searchParams.has('access_token') || searchParams.has('oauth_token')) {
    throw invalidArgument('The emulator takes a token in the Authorization header only.');
  }
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function send(response: ServerResponse, code: number, body: object): void {
  response.statusCode = code;
  response.setHeader('content-type', 'application/json; charset=UTF-8');
  response.end(JSON.stringify(body));
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof RegistryError) return new ApiError('UNAVAILABLE', error.message);
  console.error(error);
  return new ApiError('INTERNAL', 'Internal error encountered.');
}
