import { createServer } from 'node:net';

/** Whether nobody listens on that TCP port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** The first free port of 127.0.0.1 in `from` to `to` inclusive; `undefined` when all are taken. */
export async function firstFreePort(from: number, to: number): Promise<number | undefined> {
  for (let port = from; port <= to; port++) {
    if (await isPortFree(port)) return port;
  }
  return undefined;
}
