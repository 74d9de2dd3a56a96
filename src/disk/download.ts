import { chmod, mkdir, rename, rm, open } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { TRUST_REMEDY, networkFailure, type NetworkFailure } from '../http/network-failure.ts';
import { isRetryable, retry } from '../http/retry.ts';
import { countTries } from '../http/fetch-with-retry.ts';
import { plainUrl } from '../url.ts';
import {
  checksumAlgorithm,
  type Checksum,
  type DiskSource,
  type ChecksumAlgorithm,
} from '../catalog/image.ts';
import { DiskError } from './disk-error.ts';
import { hashFile, unfinished, fileFailure, requireSpace } from './disk-files.ts';
import type { World } from './world.ts';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { openDownload } from '../http/open-download.ts';

type Place = Pick<Delivery, 'url' | 'authorization'>;

type Wanted = Place & Pick<DiskSource, 'checksum'>;

/**
 * The path of a file with the checksum: the one in `folder` if it is intact, else what is at `url`,
 * which is kept there. Nothing wrong or half ever has the name of a whole file, however many runs are
 * at it at once. Throws a DiskError.
 */
export async function download(wanted: Wanted, folder: string, world: World): Promise<string> {
  const { checksum } = wanted;
  const algorithm = checksumAlgorithm(checksum);
  const file = join(folder, checksum.replace(':', '-'));
  await mkdir(folder, { recursive: true });
  // Reading it again takes about a second for 500 MB: less than one wrong disk in production costs.
  if ((await kept(file, checksum, world)) === checksum) return file;
  const arriving = unfinished(file);
  try {
    world.note(`downloading ${plainUrl(wanted.url)}`);
    const received = await receiveWithRetries(wanted, arriving);
    if (received !== checksum) throw mismatch(wanted, received);
    await chmod(arriving, 0o444);
    await rename(arriving, file);
    return file;
  } finally {
    await rm(arriving, { force: true });
  }

  /** The checksum of what came. */
  async function receiveWithRetries({ url, authorization }: Place, target: string) {
    const delivery = { url, authorization, algorithm, file: target };
    const { received, tries } = await retry(async (tries) => {
      if (tries > 1) await rm(target, { force: true });
      const received = await receive(delivery, world);
      const isFinal =
        'checksum' in received ||
        isUntrusted(received) ||
        ('status' in received && !isRetryable(received.status));
      return { received, tries, isFinal, ...('status' in received && received) };
    }, world);
    if ('checksum' in received) return received.checksum;
    throw failure(url, received, tries);
  }
}

async function kept(file: string, checksum: Checksum, { signal }: World) {
  try {
    return await hashFile(file, checksumAlgorithm(checksum), signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function failure(url: string, received: Received, tries: number): DiskError {
  const place = plainUrl(url);
  if ('status' in received) {
    const problem = `${place} answered ${String(received.status)}`;
    const remedy = 'correct the URL, or take one that stays: dated images are taken away';
    return new DiskError('DOWNLOAD_FAILED', problem, remedy);
  }
  const reason = 'reason' in received ? received.reason : '';
  const times = countTries(tries);
  const bytes = 'bytes' in received ? received.bytes : undefined;
  if (bytes === undefined) {
    const problem = `${place} can't be reached: ${reason} (${times})`;
    return new DiskError(
      'DOWNLOAD_FAILED',
      problem,
      isUntrusted(received) ? TRUST_REMEDY : 'check the URL and the network, and try again',
    );
  }
  const expected =
    'expected' in received && received.expected !== undefined ? ` of ${received.expected}` : '';
  const problem = `${place} broke off after ${String(bytes)}${expected} bytes: ${reason} (${times})`;
  return new DiskError('TRUNCATED_DOWNLOAD', problem, 'try again later, or take a mirror');
}

function isUntrusted(received: Received): boolean {
  return 'isUntrusted' in received && received.isUntrusted;
}

function mismatch({ url, checksum }: Wanted, received: string): DiskError {
  return new DiskError(
    'CHECKSUM_MISMATCH',
    `${plainUrl(url)} is ${received}, not ${checksum}`,
    'take the checksum that its publisher names for exactly this file; never the one that came',
  );
}

/** How one try to download a file ended. */
type Received =
  | { readonly checksum: string }
  /** A response that refuses the request. `retryAfter` is the header. */
  | { readonly status: number; readonly retryAfter: string | undefined }
  /** No response. */
  | NetworkFailure
  /** One that broke off after so many bytes; `expected` is absent where the server did not say. */
  | { readonly reason: string; readonly bytes: number; readonly expected?: number };

/** What to download, and the file to write, which must not be there yet. */
interface Delivery {
  readonly url: string;
  readonly algorithm: ChecksumAlgorithm;
  readonly file: string;
  /** The Authorization header. */
  readonly authorization?: string;
}

/** Tries once to write a download to a file. Throws errors of the file system, and an abort. */
async function receive(delivery: Delivery, world: World): Promise<Received> {
  const { url, authorization } = delivery;
  const { signal, idleTimeout } = world;
  let response: IncomingMessage | undefined;
  try {
    response = await openDownload(new URL(url), { authorization, signal, idleTimeout });
    const { statusCode: status = 0, headers } = response;
    if (status !== 200) return { status, retryAfter: headers['retry-after'] };
    return await writeBody(response, delivery, world);
  } catch (failure) {
    return failureOf(failure, world);
  } finally {
    response?.destroy();
  }
}

async function writeBody(
  response: IncomingMessage,
  { file, algorithm }: Delivery,
  world: World,
): Promise<Received> {
  const length = response.headers['content-length'];
  const expected = length === undefined ? undefined : Number(length);
  if (expected !== undefined) await requireSpace(dirname(file), expected, 'download it', world);
  const hash = createHash(algorithm);
  let bytes = 0;
  await using handle = await open(file, 'wx').catch(refused);
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      hash.update(piece);
      bytes += piece.byteLength;
      await handle.writeFile(piece).catch(refused);
    }
  } catch (failure) {
    const { reason } = failureOf(failure, world);
    return { reason, bytes, expected };
  }
  return { checksum: `${algorithm}:${hash.digest('hex')}` };
}

/** Marks a failure as one of the file system: errors of the network look the same. */
function refused(error: unknown): never {
  throw fileFailure(error);
}

/** Why the network failed. Throws every other failure, and an abort. */
function failureOf(failure: unknown, world: World): NetworkFailure {
  world.signal?.throwIfAborted();
  if (failure instanceof DiskError) throw failure;
  return networkFailure(failure);
}
