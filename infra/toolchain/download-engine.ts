import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { isReachable } from './probe.ts';
import type { Progress } from './report.ts';

const RELEASES = 'https://get.pulumi.com/releases/sdk/';

/** For some 150 MB over a slow link. */
const DOWNLOAD_MS = 600_000;
const MEGABYTE = 1_000_000;

/**
 * Downloads the official engine so that its executable is `folder/bin/pulumi`. Returns `undefined`, or the
 * reason of a failure. `folder` appears whole or not at all.
 */
export async function downloadEngine(
  folder: string,
  version: string,
  progress: Progress,
  releases = RELEASES,
): Promise<string | undefined> {
  const { host } = new URL(releases);
  if (!(await isReachable(releases))) return `${host} can't be reached`;
  const archive = `pulumi-v${version}-${process.platform}-${process.arch}.tar.gz`;
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    progress.note(`downloading ${archive}, some 150 MB, once for a user`);
    const response = await fetch(new URL(archive, releases), {
      signal: AbortSignal.timeout(DOWNLOAD_MS),
    });
    if (!response.ok || response.body === null) return `${host} responded ${response.status}`;
    const bin = join(unfinished, 'bin');
    mkdirSync(bin);
    // The archive has everything in one folder, `pulumi`.
    await pipeline(
      Readable.fromWeb(response.body),
      (chunks: AsyncIterable<Uint8Array>) =>
        counted(chunks, Number(response.headers.get('content-length')), progress),
      extract({ cwd: bin, strip: 1, strict: true }),
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    return undefined;
  } catch (error) {
    return `the download failed (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  { count }: Progress,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    if (total > 0) count(Math.floor(done / MEGABYTE), Math.ceil(total / MEGABYTE), 'MB');
    yield chunk;
  }
}
