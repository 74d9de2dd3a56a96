import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { expect, test } from 'vitest';
import { downloadEngine } from '../../infra/toolchain/download-engine.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

const ARCHIVE = `/pulumi-v3.1.0-${process.platform}-${process.arch}.tar.gz`;

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

const IS_REACHABLE: Line = { status: 200 };

/** Downloads into a new folder: why it could not, what was counted, and what is there then. */
async function download(archive: Line) {
  const { origin } = await scriptedServer(IS_REACHABLE, archive);
  const parent = temporaryFolder();
  const counted: string[] = [];
  const progress = {
    note: () => undefined,
    at: () => undefined,
    count: (done: number, total: number, unit: string) =>
      counted.push(`${done} of ${total} ${unit}`),
  };
  const folder = join(parent, 'engine');
  const why = await downloadEngine(folder, '3.1.0', progress, `${origin}/`);
  return { why, counted, left: readdirSync(parent), engine: join(folder, 'bin/pulumi') };
}

test('the engine is unpacked where it is looked for, and its bytes are counted', async () => {
  const body = await archive();
  const headers = { 'content-length': String(body.length) };
  const { why, counted, engine } = await download(({ url }) =>
    url === ARCHIVE ? { status: 200, headers, body } : { status: 404 },
  );
  expect(why).toBeUndefined();
  expect(readFileSync(engine)).toHaveLength(2_500_000);
  expect(counted.at(-1)).toBe('2 of 3 MB');
});

test('a download that was cut off leaves nothing', async () => {
  const bytes = await archive();
  const { why, left } = await download((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1_000_000), () => response.destroy());
    return undefined;
  });
  expect(why).toMatch(/^the download failed \(/);
  expect(left).toEqual([]);
});

test('the status of the server is the reason for a version that was never released', async () => {
  const { why, left } = await download({ status: 403 });
  expect(why).toMatch(/^127\.0\.0\.1:\d+ responded 403$/);
  expect(left).toEqual([]);
});
