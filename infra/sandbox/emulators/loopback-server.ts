import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that this machine alone can reach. */
export interface LoopbackServer {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1; at any free port for 0. The listener must not throw. A web page gets nothing: requests
 * with an Origin are refused, and those for another Host, whose name may have been pointed here.
 */
export async function startLoopbackServer(
  port: number,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    const { host, origin } = request.headers;
    const isOwn = host === address || host === address.replace('127.0.0.1', 'localhost');
    if (isOwn && origin === undefined) listener(request, response);
    else
      response.writeHead(403).end(`Only programs of this machine get a response, at ${address}.\n`);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Prints the address of a server, and closes it at the first signal. */
export async function serveUntilSignal(name: string, server: LoopbackServer): Promise<void> {
  console.log(`${name}: http://${server.address}`);
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  await server.close();
}
