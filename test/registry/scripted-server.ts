import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { parseRegistry, type Registry } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';

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
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const one: Asked = { method, url, headers, body };
      const line = script[asked.length] ?? script.at(-1);
      asked.push(one);
      const reply = typeof line === 'function' ? line(one, response) : line;
      if (reply !== undefined) response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  // A busy machine may pause for longer than a server keeps an idle connection.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const registry = known(parseRegistry(`127.0.0.1:${(server.address() as AddressInfo).port}`));
  return { registry, origin: `http://${registry}`, asked };
}
