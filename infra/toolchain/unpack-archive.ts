import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { hashFile, unfinished } from '../../src/disk/disk-files.ts';
import { httpFailure } from '../../src/http/http-failure.ts';
import { openDownload } from '../../src/http/open-download.ts';
import lock from './downloads.lock.json' with { type: 'json' };
import { PrerequisiteError } from './prerequisite-error.ts';
import type { Progress } from './report.ts';

/** The digests of what is downloaded and run, by URL, or by Go module and version. */
export type DownloadLock = Readonly<Record<string, string>>;

export const LOCK: DownloadLock = lock;
export const LOCK_FILE = 'infra/toolchain/downloads.lock.json';

/** The remedy for a download that has no digest. */
export const LOCK_REMEDY = `run \`npm run lock-downloads\` on a machine that you trust, and commit ${LOCK_FILE}`;

export interface ArchiveOptions {
  /**
   * Keeps the archive in this folder, and checks its digest at each use: somebody else may have written to it.
   * An archive that is not locked is refused. Absent: the archive goes once it is unpacked, and one that is not
   * locked is believed as it comes.
   */
  readonly archives?: string;
  readonly lock?: DownloadLock;
  /** The folder below `folder` that takes the files. */
  readonly inside?: string;
  /** How many folders of the archive are left out. */
  readonly strip?: number;
}

/** Milliseconds for some 150 MB over a slow link. */
const DOWNLOAD_MS = 900_000;
const IDLE_MS = 60_000;
const MEGABYTE = 1_000_000;

/**
 * Downloads an archive and unpacks it into `folder`, which appears whole or not at all. Returns `undefined`, or
 * why there is no archive. Throws a PrerequisiteError for an archive that has another digest than the lock says,
 * or none where it needs one.
 */
export async function unpackArchive(
  url: string,
  folder: string,
  { archives, lock: digests = LOCK, inside = '', strip = 0 }: ArchiveOptions,
  progress: Progress,
): Promise<string | undefined> {
  const name = basename(new URL(url).pathname);
  const digest = digests[url];
  if (digest === undefined && archives !== undefined) {
    throw new PrerequisiteError(`${name} has no digest in ${LOCK_FILE}`, LOCK_REMEDY);
  }
  mkdirSync(dirname(folder), { recursive: true });
  const workspace = mkdtempSync(`${folder}.`);
  try {
    const file = join(archives ?? workspace, name);
    mkdirSync(dirname(file), { recursive: true });
    const kept = await hashFile(file, 'sha256').catch(() => undefined);
    if (digest === undefined || kept !== digest) await download(url, file, digest, progress);
    const result = join(workspace, 'result');
    mkdirSync(join(result, inside), { recursive: true });
    await extract({ file, cwd: join(result, inside), strip, strict: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(result, folder);
    return undefined;
  } catch (error) {
    if (error instanceof PrerequisiteError) throw error;
    return `the download failed (${httpFailure(error, 1).reason})`;
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Writes a download to `file` if its digest is `digest`, or whatever its digest is where there is none. */
async function download(
  url: string,
  file: string,
  digest: string | undefined,
  progress: Progress,
): Promise<void> {
  const arriving = unfinished(file);
  try {
    const found = await digestOfDownload(url, progress, arriving);
    if (digest === undefined) {
      progress.note(`${found} came, which ${LOCK_FILE} does not say`);
    } else if (found !== digest) {
      throw new PrerequisiteError(
        `${url} is ${found}, not ${digest} as in ${LOCK_FILE}`,
        'do not run it: find out who changed it, the publisher, a proxy, or the lock',
      );
    }
    renameSync(arriving, file);
  } finally {
    rmSync(arriving, { force: true });
  }
}

/** The `sha256:` of a download, which is written to `file`. Throws errors of network and file system. */
export async function digestOfDownload(
  url: string,
  { note, count }: Progress,
  file: string,
): Promise<string> {
  const signal = AbortSignal.timeout(DOWNLOAD_MS);
  const response = await openDownload(new URL(url), { signal, idleTimeout: IDLE_MS });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`${new URL(url).host} responded ${response.statusCode}`);
  }
  const total = Number(response.headers['content-length']);
  const size = total > 0 ? `, ${Math.ceil(total / MEGABYTE)} MB` : '';
  note(`downloading ${basename(new URL(url).pathname)}${size}`);
  const hash = createHash('sha256');
  let done = 0;
  const passThrough = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      done += chunk.length;
      if (total > 0) count(Math.floor(done / MEGABYTE), Math.ceil(total / MEGABYTE), 'MB');
      yield chunk;
    }
  };
  await pipeline(response, passThrough, createWriteStream(file));
  return `sha256:${hash.digest('hex')}`;
}
