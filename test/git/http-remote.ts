import { execFileSync, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { startLoopbackServer } from '../../infra/sandbox/emulators/loopback-server.ts';
import { GIT_ENVIRONMENT } from './git-repository.ts';

/** A repository behind git's own HTTP server, for those who show just this authorization. */
export interface HttpRemote {
  readonly address: string;
  /** All headers of this name that a request had, request by request. */
  readonly authorizations: (readonly string[])[];
  close(): Promise<void>;
}

/** The same as `startHttpRemote`; ends with the test. */
export async function httpRemote(repository: string, authorization: string): Promise<HttpRemote> {
  const remote = await startHttpRemote(repository, authorization);
  onTestFinished(() => remote.close());
  return remote;
}

/** Serves a bare repository on loopback with `git http-backend`. */
export async function startHttpRemote(
  repository: string,
  authorization: string,
): Promise<HttpRemote> {
  const execPath = execFileSync('git', ['--exec-path']).toString().trim();
  const authorizations: (readonly string[])[] = [];
  const server = await startLoopbackServer(0, (request, response) => {
    const shown = request.headersDistinct['authorization'] ?? [];
    authorizations.push(shown);
    if (shown.length !== 1 || shown[0] !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    void serve(join(execPath, 'git-http-backend'), repository, request, response);
  });
  const address = `http://${server.address}/${basename(repository)}`;
  return { address, authorizations, close: () => server.close() };
}

/** By the rules of CGI (RFC 3875), as far as git uses them. */
async function serve(
  backend: string,
  repository: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://host');
  const body = await buffer(request);
  const child = spawn(backend, {
    env: {
      ...GIT_ENVIRONMENT,
      GIT_PROJECT_ROOT: dirname(repository),
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'somebody',
      REQUEST_METHOD: request.method ?? '',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A push that is refused ends it before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(body);
  const answer = await buffer(child.stdout);
  const end = answer.indexOf('\r\n\r\n');
  const headers = answer.toString('latin1', 0, end).split('\r\n');
  const pairs = headers.map((line) => line.split(': ') as [string, string]);
  const status = pairs.find(([name]) => name === 'Status')?.[1] ?? '200';
  response.writeHead(Number.parseInt(status), Object.fromEntries(pairs));
  response.end(answer.subarray(end + 4));
}
