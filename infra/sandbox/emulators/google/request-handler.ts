import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseJson } from '../../../../src/json.ts';
import { RegistryError } from '../../../../src/registry/registry-error.ts';
import { ApiError, errorResponse, invalidArgument, statusOf } from './api-error.ts';
import type { Fault, Faults } from './faults.ts';
import { messageJson } from './message-json.ts';
import { respond, route, type Route } from './router.ts';

/** Everything that a response depends on. */
export interface Front {
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Ends waits. */
  readonly closing: AbortSignal;
}

/** Responds to one HTTP request, with JSON in any case; or, when a fault says so, not at all. */
export async function handleRequest(
  { routes, faults, requests, closing }: Front,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '' } = request;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const isGoogle = !url.pathname.startsWith('/emulator/');
  const fault = isGoogle ? faults.take(requests.note(method, url)) : undefined;
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
      throw new ApiError(statusOf(fault.status) ?? 'INTERNAL', message);
    }
    const result = await respond(routes, { method, url, body, token });
    if (fault?.cut === 'after') response.destroy();
    else send(response, 200, isGoogle ? messageJson(result) : result);
  } catch (error) {
    sendError(response, error, fault);
  }
}

/** The JSON body of a request; `{}` for an empty one. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  if (pieces.length === 0) return {};
  const json = parseJson(Buffer.concat(pieces));
  if (json !== undefined) return json;
  throw invalidArgument('Invalid JSON payload received. Unable to parse the request body.');
}

/** A token of any kind will do, but without one every request would fail at Google. */
function tokenOf({ headers }: IncomingMessage, { searchParams }: URL): string {
  const token =
    /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? searchParams.get('access_token');
  if (token !== null) return token;
  throw new ApiError(
    'UNAUTHENTICATED',
    'Request is missing required authentication credential. Expected OAuth 2 access token, ' +
      'login cookie or other valid authentication credential.',
  );
}

function send(response: ServerResponse, code: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(code, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function sendError(response: ServerResponse, error: unknown, fault: Fault | undefined): void {
  if (fault?.status === 429) response.setHeader('retry-after', '1');
  const { code, body } = errorResponse(asApiError(error), fault?.status);
  send(response, code, body);
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof RegistryError) return new ApiError('UNAVAILABLE', error.message);
  console.error(error);
  return new ApiError('INTERNAL', 'Internal error encountered.');
}

export interface RequestLog {
  /** Returns the request as it is written down, `METHOD path`. */
  note(method: string, url: URL): string;
  readonly routes: readonly Route[];
}

/**
 * `GET /emulator/v1/requests`: the requests for Google's methods since the start, or since a `DELETE`,
 * oldest first. Paths have their query, but no token that is in it.
 */
export function createRequestLog(): RequestLog {
  const seen: { readonly method: string; readonly path: string }[] = [];
  return {
    note(method, { pathname, searchParams }) {
      const query = new URLSearchParams(searchParams);
      for (const secret of ['access_token', 'oauth_token', 'key']) query.delete(secret);
      const path = `${pathname}${query.size > 0 ? `?${query.toString()}` : ''}`;
      seen.push({ method, path });
      return `${method} ${path}`;
    },
    routes: [
      route('GET', 'emulator/v1/requests', () => ({ requests: seen })),
      route('DELETE', 'emulator/v1/requests', () => {
        seen.length = 0;
        return {};
      }),
    ],
  };
}
