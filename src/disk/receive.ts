import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { networkFailure, type NetworkFailure } from '../http/network-failure.ts';
import type { ChecksumAlgorithm } from '../catalog/image.ts';
import { DiskError } from './disk-error.ts';
import { fileFailure } from './file-failure.ts';
import { openDownload } from '../http/open-download.ts';
import { requireSpace } from './require-space.ts';
import type { World } from './world.ts';

/** How one try to download a file ended. */
export type Received =
  | { readonly checksum: string }
  /** A response that refuses the request. `retryAfter` is the header. */
  | { readonly status: number; readonly retryAfter: string | undefined }
  /** No response. */
  | NetworkFailure
  /** One that broke off after so many bytes; `expected` is absent where the server did not say. */
  | { readonly reason: string; readonly bytes: number; readonly expected?: number };

/** What to download, and the file to write, which must not be there yet. */
export interface Delivery {
  readonly url: string;
  readonly algorithm: ChecksumAlgorithm;
  readonly file: string;
  /** The Authorization header. */
  readonly authorization?: string;
}

/** Tries once to write a download to a file. Throws errors of the file system, and an abort. */
export async function receive(delivery: Delivery, world: World): Promise<Received> {
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
