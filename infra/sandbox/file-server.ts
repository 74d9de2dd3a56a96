import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { runMain } from '../toolchain/run-main.ts';
import { serveUntilSignal, startLoopbackServer } from './emulators/loopback-server.ts';

/** A path in which no part begins with a dot. */
const FILE = /^\/((?:[\w-][\w.~-]*\/)*[\w-][\w.~-]*)$/;

/** Other files are downloads. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// Files of one folder over HTTP: `node file-server.ts --folder <folder> --port 5300`.
await runMain(async () => {
  const options = { folder: { type: 'string' }, port: { type: 'string', default: '0' } } as const;
  const { folder, port } = parseArgs({ options }).values;
  if (folder === undefined) throw new TypeError('--folder is missing');
  const server = await startLoopbackServer(Number(port), (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const name = path === '/' ? 'index.html' : FILE.exec(path)?.[1];
    const isBodyWanted = request.method !== 'HEAD';
    // A client may go away in the middle.
    serve(name && join(folder, name), isBodyWanted, response).catch(() => response.destroy());
  });
  await serveUntilSignal('Files', server);
  return 0;
});

async function serve(file: string | undefined, isBodyWanted: boolean, response: ServerResponse) {
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || found?.isFile() !== true) {
    response.writeHead(404).end('There is no such file.\n');
    return;
  }
  response.writeHead(200, {
    'Content-Length': found.size,
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
  });
  if (isBodyWanted) await pipeline(createReadStream(file), response);
  else response.end();
}
