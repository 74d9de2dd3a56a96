import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy that leads every request to `target`, whichever host it is for, or refuses it with `status`. */
export async function startProxy({ target, status }: { target?: string; status?: number }) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (target === undefined) response.writeHead(status ?? 502).end();
    else void fetch(target).then(async (served) => response.end(await served.text()));
  });
  server.on('connect', (request, socket) => {
    const account = request.headers['proxy-authorization'];
    asked.push(`CONNECT ${request.url}${account === undefined ? '' : ` ${account}`}`);
    socket.on('error', () => undefined);
    if (target === undefined) {
      socket.end(`HTTP/1.1 ${status ?? 502} No\r\n\r\n`);
      return;
    }
    const onward = connect(Number(new URL(target).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
