import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { runMain } from '../toolchain/run-main.ts';
import { serveUntilSignal, startLoopbackServer } from './emulators/loopback-server.ts';

// Files of one folder over HTTP: `node upstream-server.ts --folder <folder> --port 5300`.
await runMain(async () => {
  const options = { folder: { type: 'string' }, port: { type: 'string', default: '0' } } as const;
  const { folder, port } = parseArgs({ options }).values;
  if (folder === undefined) throw new TypeError('--folder is missing');
  const server = await startLoopbackServer(Number(port), (request, response) => {
    const name = /^\/([\w-][\w.-]*)$/.exec(request.url ?? '')?.[1];
    const isBodyWanted = request.method !== 'HEAD';
    // A client may go away in the middle.
    serve(name && join(folder, name), isBodyWanted, response).catch(() => response.destroy());
  });
  await serveUntilSignal('Upstream', server);
  return 0;
});

async function serve(file: string | undefined, isBodyWanted: boolean, response: ServerResponse) {
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || found?.isFile() !== true) {
    response.writeHead(404).end('There is no such file.\n');
    return;
  }
  response.writeHead(200, { 'Content-Length': found.size });
  if (isBodyWanted) await pipeline(createReadStream(file), response);
  else response.end();
}
