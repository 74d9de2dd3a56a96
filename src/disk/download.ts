import { createHash } from 'node:crypto';
import { chmod, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { checksumAlgorithm, type Checksum, type DiskSource } from '../catalog/image.ts';
import { countTries, httpFailure } from '../http/http-failure.ts';
import { openDownload } from '../http/open-download.ts';
import { responseRemedy, type ResponseRemedy } from '../http/response-remedy.ts';
import { isRetryable, retry, retryAfter, type Try } from '../http/retry.ts';
import { hasErrorCode } from '../problem.ts';
import { plainUrl } from '../url.ts';
import { DiskError } from './disk-error.ts';
import { fileFailure, hashFile, requireSpace, unfinished } from './disk-files.ts';
import type { World } from './world.ts';

interface Wanted extends Pick<DiskSource, 'url' | 'checksum'> {
  /** The Authorization header, for a server that wants one. */
  readonly authorization?: string;
}

/**
 * The path of a file with the checksum: the one in `folder` if it is intact, else a download, which is
 * kept there. No wrong or incomplete file ever has the name of a whole one, however many runs download
 * it at once. Throws a DiskError.
 */
export async function download(wanted: Wanted, folder: string, world: World): Promise<string> {
  const { url, checksum } = wanted;
  const file = keptDownload(folder, checksum);
  await mkdir(folder, { recursive: true });
  // Reading it again takes about a second for 500 MB: less than one wrong disk in production costs.
  const kept = hashFile(file, checksumAlgorithm(checksum), world.signal);
  if ((await kept.catch(unlessMissing)) === checksum) {
    const now = new Date();
    await utimes(file, now, now);
    return file;
  }
  const arriving = unfinished(file);
  try {
    world.note(`downloading ${plainUrl(url)}`);
    const result = await receiveInTime(wanted, arriving, world);
    if (result instanceof DiskError) throw result;
    if (result !== checksum) {
      const problem = `${plainUrl(url)} is ${result}, not ${checksum}`;
      const remedy =
        'take the checksum that its publisher names for exactly this file; never the one that came';
      throw new DiskError('CHECKSUM_MISMATCH', problem, remedy);
    }
    await chmod(arriving, 0o444);
    await rename(arriving, file);
    return file;
  } finally {
    await rm(arriving, { force: true });
  }
}

/** Where a download is kept. */
export function keptDownload(folder: string, checksum: Checksum): string {
  return join(folder, checksum.replace(':', '-'));
}

function unlessMissing(error: unknown): undefined {
  if (!hasErrorCode(error, 'ENOENT')) throw error;
}

const REFUSED: readonly ResponseRemedy[] = [
  { status: /429|5../, remedy: 'try again later, or take a mirror' },
  {
    status: /401|403/,
    remedy: 'let this machine read it (see its proxy), or take a URL that needs no account',
  },
  {
    status: /404|410/,
    remedy: 'correct the URL, or take one that stays: dated images are taken away',
  },
];

/** `receive` with retries, all of them within the time that a download may take. */
async function receiveInTime(wanted: Wanted, file: string, world: World) {
  const { signal, longestDownload } = world;
  const timeLimit = AbortSignal.timeout(longestDownload);
  const limited = {
    ...world,
    signal: signal === undefined ? timeLimit : AbortSignal.any([signal, timeLimit]),
  };
  try {
    return (await retry((tries) => receive(wanted, file, limited, tries), limited)).result;
  } catch (error) {
    signal?.throwIfAborted();
    if (!timeLimit.aborted || error instanceof DiskError) throw error;
    const problem = `${plainUrl(wanted.url)} took more than ${longestDownload / 1000} s`;
    throw new DiskError('DOWNLOAD_FAILED', problem, 'try again later, or take a mirror');
  }
}

/**
 * Tries once to write a download to a file. Returns its checksum, or why there is none. Throws errors
 * of the file system, and an abort.
 */
async function receive(
  { url, checksum, authorization }: Wanted,
  file: string,
  world: World,
  tries: number,
): Promise<Try & { readonly result: string | DiskError }> {
  const place = plainUrl(url);
  const { signal, idleTimeout, largestDownload } = world;
  const algorithm = checksumAlgorithm(checksum);
  const hash = createHash(algorithm);
  let bytes = 0;
  let expected: string | undefined;
  let response: IncomingMessage | undefined;
  try {
    response = await openDownload(new URL(url), { authorization, signal, idleTimeout });
    const { statusCode: status = 0, headers } = response;
    if (status !== 200) {
      const get = (name: string) => headers[name]?.toString() ?? null;
      const head = { status, headers: { get } };
      const remedy = responseRemedy(REFUSED, head) ?? 'correct the URL';
      return {
        result: new DiskError('DOWNLOAD_FAILED', `${place} answered ${status}`, remedy),
        isFinal: !isRetryable(head),
        retryAfter: retryAfter(head),
      };
    }
    expected = headers['content-length'];
    if (Number(expected ?? 0) > largestDownload) throw tooLarge(place, largestDownload);
    await requireSpace(dirname(file), Number(expected ?? 0), 'download it', world);
    await using handle = await open(file, 'w').catch(failFile);
    for await (const piece of response as AsyncIterable<Buffer>) {
      hash.update(piece);
      bytes += piece.byteLength;
      if (bytes > largestDownload) throw tooLarge(place, largestDownload);
      await handle.writeFile(piece).catch(failFile);
    }
    return { result: `${algorithm}:${hash.digest('hex')}`, isFinal: true };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DiskError) throw cause;
    const failed = httpFailure(cause, tries);
    const why = `${failed.reason} (${countTries(tries)})`;
    if (response === undefined) {
      const remedy = failed.remedy ?? 'check the URL and the network, and try again';
      const result = new DiskError('DOWNLOAD_FAILED', `${place} can't be reached: ${why}`, remedy);
      return { result, isFinal: failed.failure !== 'unreachable' };
    }
    const count = expected === undefined ? bytes : `${bytes} of ${expected}`;
    const problem = `${place} broke off after ${count} bytes: ${why}`;
    const remedy = 'try again later, or take a mirror';
    return { result: new DiskError('TRUNCATED_DOWNLOAD', problem, remedy), isFinal: false };
  } finally {
    response?.destroy();
  }
}

function tooLarge(place: string, largest: number): DiskError {
  const remedy = 'check the URL: no disk is that large';
  return new DiskError('DOWNLOAD_FAILED', `${place} has more than ${largest} bytes`, remedy);
}

/** Marks an error as one of the file system: errors of the network look the same. */
function failFile(error: unknown): never {
  throw fileFailure(error);
}
