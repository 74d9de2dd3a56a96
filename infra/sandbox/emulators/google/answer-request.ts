import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { RegistryError } from '../../../../src/registry/registry-error.ts';
import { ApiError, errorReply } from './api-error.ts';
import { errorOf, type Fault, type Faults } from './faults.ts';
import { protoJson } from './proto-json.ts';
import { readJson } from './read-json.ts';
import type { RequestLog } from './request-log.ts';
import { answerCall, type Route } from './router.ts';

/** What a request is answered from. */
export interface Front {
  readonly routes: readonly Route[];
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** Ends waits. */
  readonly closing: AbortSignal;
}

/** Answers one HTTP request, with JSON whatever happens; or, when a fault says so, not at all. */
export async function answerRequest(
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
    if (fault?.status !== undefined) throw errorOf(fault);
    const answer = await answerCall(routes, { method, url, body, token });
    if (fault?.cut === 'after') response.destroy();
    else send(response, 200, isGoogle ? protoJson(answer) : answer);
  } catch (error) {
    sendError(response, error, fault);
  }
}

/** A token of any kind will do, but without one every call would fail at Google. */
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
  const { code, body } = errorReply(asApiError(error));
  const status = fault?.status ?? code;
  if (fault?.status === 429 || fault?.retryAfter !== undefined) {
    response.setHeader('retry-after', String(fault.retryAfter ?? 1));
  }
  const shown = fault?.status === undefined ? body : withCode(body, status);
  send(response, status, shown);
}

/** An HTTP status that no google.rpc.Code stands for is still the one in the body. */
function withCode(body: object, code: number): object {
  const { error } = body as { error: object };
  return { error: { ...error, code } };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof RegistryError) return new ApiError('UNAVAILABLE', error.message);
  console.error(error);
  return new ApiError('INTERNAL', 'Internal error encountered.');
}
