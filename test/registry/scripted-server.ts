import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { parseRegistry, type Registry } from '../../src/image-reference.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** What to say to a request: a reply, one that depends on what was asked, or something worse. */
export type Line = Reply | ((request: Asked, response: ServerResponse) => Reply | undefined);

export interface ScriptedServer {
  readonly registry: Registry;
  readonly origin: string;
  /** Whatever was asked, in order. */
  readonly asked: Asked[];
}

/**
 * A server on loopback that says its lines in order, one a request, and its last one for good.
 * Ends with the test.
 */
export async function scriptedServer(...script: [Line, ...Line[]]): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const one: Asked = { method, url, headers, body };
      const line = script[Math.min(asked.length, script.length - 1)];
      asked.push(one);
      say(line, one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry = parseRegistry(host);
  if (registry === undefined) throw new Error(`${host} is no registry`);
  return { registry, origin: `http://${host}`, asked };
}

function say(line: Line | undefined, request: Asked, response: ServerResponse): void {
  const reply = typeof line === 'function' ? line(request, response) : line;
  if (reply === undefined) return;
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}
