import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A server of the running test's own that a job calls. Answers with `statuses` in turn, the last one
 * for good; with 0 never.
 */
export async function startTarget(...statuses: number[]) {
  const received: ReceivedCall[] = [];
  const arrivals: (() => void)[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(pieces).toString() });
      for (const arrived of arrivals.splice(0)) arrived();
      const status = statuses.length > 1 ? statuses.shift() : statuses[0];
      if (status !== 0) response.writeHead(status ?? 200, { location: '/elsewhere' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`,
    received,
    /** Resolves at the next call. */
    arrival: () =>
      new Promise<void>((resolve) => {
        arrivals.push(resolve);
      }),
  };
}
