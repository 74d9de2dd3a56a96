import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { create } from 'tar';
import { afterEach, expect, test } from 'vitest';
import { downloadEngine } from '../../infra/toolchain/download-engine.ts';
import { temporaryFolder } from '../sandbox/temporary-folder.ts';

const ARCHIVE = `/pulumi-v3.1.0-${process.platform}-${process.arch}.tar.gz`;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

/** An archive as Pulumi publishes them: everything is in the folder `pulumi`. */
async function archive(): Promise<Buffer> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'pulumi'));
  // More than one million bytes that gzip can't make fewer.
  const noise = randomBytes(2_500_000);
  writeFileSync(join(folder, 'pulumi/pulumi'), noise, { mode: 0o755 });
  await create({ cwd: folder, gzip: true, file: join(folder, 'a.tar.gz') }, ['pulumi']);
  return readFileSync(join(folder, 'a.tar.gz'));
}

/** Downloads into a new folder: why it could not, what was counted, and what is there then. */
async function download(releases: string) {
  const parent = temporaryFolder();
  const counted: string[] = [];
  const progress = {
    note: () => undefined,
    at: () => undefined,
    count: (done: number, total: number, unit: string) =>
      counted.push(`${done} of ${total} ${unit}`),
  };
  const folder = join(parent, 'engine');
  const why = await downloadEngine(folder, '3.1.0', progress, releases);
  return { why, counted, left: readdirSync(parent), engine: join(folder, 'bin/pulumi') };
}

test('the engine is unpacked where it is looked for, and its bytes are counted', async () => {
  const bytes = await archive();
  const releases = await serve(({ url }, response) => {
    response.writeHead(url === ARCHIVE || url === '/' ? 200 : 404, {
      'content-length': bytes.length,
    });
    response.end(url === ARCHIVE ? bytes : undefined);
  });
  const { why, counted, engine } = await download(releases);
  expect(why).toBeUndefined();
  expect(readFileSync(engine)).toHaveLength(2_500_000);
  expect(counted.at(-1)).toBe('2 of 3 MB');
});

test('a download that was cut off leaves nothing', async () => {
  const bytes = await archive();
  const releases = await serve(({ url }, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    if (url === ARCHIVE) response.write(bytes.subarray(0, 1_000_000), () => response.destroy());
    else response.end();
  });
  const { why, left, engine } = await download(releases);
  expect(why).toMatch(/^the download failed \(/);
  expect(existsSync(engine)).toBe(false);
  expect(left).toEqual([]);
});

test('the status of the server is the reason for a version that was never released', async () => {
  const releases = await serve(({ method }, response) => {
    response.writeHead(method === 'HEAD' ? 200 : 403).end();
  });
  const { why, left } = await download(releases);
  expect(why).toMatch(/^127\.0\.0\.1:\d+ responded 403$/);
  expect(left).toEqual([]);
});
