import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { parseJson } from '../../../../src/json.ts';
import { RegistryError } from '../../../../src/registry/registry-error.ts';
import { ApiError, invalidArgument, statusOf } from './api-error.ts';
import type { Faults } from './faults.ts';
import { messageJson } from './message-json.ts';
import { respond, type Route } from './router.ts';

/** Everything that a response depends on. */
export interface Front {
  readonly routes: readonly Route[];
  readonly faults: Faults;
  /** Ends waits. */
  readonly closing: AbortSignal;
}

/** Responds to one HTTP request, with JSON in any case; or, when a fault says so, not at all. */
export async function handleRequest(
  { routes, faults, closing }: Front,
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
    const token = isGoogle ? tokenOf(request, url) : undefined;
    if (fault?.status !== undefined) {
      const message = fault.message ?? `The emulator was set up to respond with ${fault.status}.`;
      throw new ApiError(statusOf(fault.status), message);
    }
    const result = await respond(routes, method, url, { body, token });
    if (fault?.cut === 'after') response.destroy();
    else send(response, 200, isGoogle ? messageJson(result) : result);
  } catch (error) {
    const { code: usual, message, status, details } = asApiError(error);
    const code = fault?.status ?? usual;
    if (code === 429) response.setHeader('retry-after', '1');
    send(response, code, { error: { code, message, status, details } });
  }
}

/** The JSON body of a request; `{}` for an empty one. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const json = parseJson((await text(request)) || '{}');
  if (json !== undefined) return json;
  throw invalidArgument('Invalid JSON payload received. Unable to parse the request body.');
}

/** A token of any kind will do, but without one every request would fail at Google. */
function tokenOf({ headers }: IncomingMessage, { searchParams }: URL): string {
  const token =
    /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? searchParams.get('access_token');
  if (token !== null) return token;
  throw new ApiError('UNAUTHENTICATED', 'Request is missing required authentication credential.');
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
