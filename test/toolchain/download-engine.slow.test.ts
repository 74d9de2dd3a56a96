import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { describe, expect, test } from 'vitest';
import { downloadEngine } from '../../infra/toolchain/pulumi-engine.ts';
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

const IS_REACHABLE = { status: 200 };

/** Downloads into a new folder: why it could not, what was counted, and what is there then. */
async function download(archive: Line) {
  const { origin } = await scriptedServer(IS_REACHABLE, archive);
  const parent = temporaryFolder();
  const counted: string[] = [];
  const notes: string[] = [];
  const progress = {
    note: (line: string) => notes.push(line),
    at: () => undefined,
    count: (done: number, total: number, unit: string) =>
      counted.push(`${done} of ${total} ${unit}`),
  };
  const folder = join(parent, 'engine');
  const why = await downloadEngine(folder, '3.1.0', progress, { releases: `${origin}/` });
  return { why, counted, notes, left: readdirSync(parent), engine: join(folder, 'bin/pulumi') };
}

test('the engine is unpacked where it is looked for, and its bytes are counted', async () => {
  const body = await archive();
  const headers = { 'content-length': String(body.length) };
  const { why, counted, notes, engine } = await download(({ url }) =>
    url === ARCHIVE ? { status: 200, headers, body } : { status: 404 },
  );
  expect(why).toBeUndefined();
  expect(readFileSync(engine)).toHaveLength(2_500_000);
  expect(counted.at(-1)).toBe('2 of 3 MB');
  expect(notes[0]).toBe(`downloading ${ARCHIVE.slice(1)}, 3 MB`);
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
  expect(why).toMatch(/127\.0\.0\.1:\d+ responded 403/);
  expect(left).toEqual([]);
});

describe('a pipeline, whose cache others may write to', () => {
  const silent = { note: () => undefined, at: () => undefined, count: () => undefined };

  /** Downloads as a pipeline does, from a server with `served`, where the lock has `locked`. */
  async function pipeline(served: Uint8Array, locked?: Uint8Array) {
    const server = await scriptedServer(({ method }) => {
      return method === 'HEAD' ? IS_REACHABLE : { status: 200, body: served };
    });
    const releases = `${server.origin}/`;
    const digest = createHash('sha256')
      .update(locked ?? '')
      .digest('hex');
    const lock = locked && { [`${server.origin}${ARCHIVE}`]: `sha256:${digest}` };
    const archives = temporaryFolder();
    const run = async () => {
      const folder = join(temporaryFolder(), 'engine');
      const options = { releases, archives, lock: lock ?? {} };
      expect(await downloadEngine(folder, '3.1.0', silent, options)).toBeUndefined();
      return readFileSync(join(folder, 'bin/pulumi'));
    };
    const downloads = () => server.asked.filter(({ method }) => method === 'GET').length;
    return { run, downloads, archive: join(archives, ARCHIVE) };
  }

  test('downloads an archive once, and runs nothing that was planted in its place', async () => {
    const bytes = await archive();
    const { run, downloads, archive: kept } = await pipeline(bytes, bytes);
    const engine = await run();
    expect((await run()).equals(engine)).toBe(true);
    expect(downloads()).toBe(1);
    writeFileSync(kept, await archive());
    expect((await run()).equals(engine)).toBe(true);
    expect(downloads()).toBe(2);
  });

  test('refuses an archive that is not as locked, and keeps nothing of it', async () => {
    const { run, archive: kept } = await pipeline(await archive(), Buffer.from('another'));
    await expect(run()).rejects.toThrow(/is sha256:\w+, not sha256:\w+ as in .*\n.*do not run it/);
    expect(existsSync(kept)).toBe(false);
  });

  test('refuses a version that is not locked, with the command that locks it', async () => {
    const { run, downloads } = await pipeline(await archive());
    await expect(run()).rejects.toThrow(/has no digest in .*\n.*npm run lock-downloads/);
    expect(downloads()).toBe(0);
  });
});
