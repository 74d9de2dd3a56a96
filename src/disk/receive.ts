import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { networkFailure, type NetworkFailure } from '../http/network-failure.ts';
import type { ChecksumAlgorithm } from '../catalog/checksum.ts';
import { DiskError } from './disk-error.ts';
import { fileFailure } from './file-failure.ts';
import { openUrl } from '../http/open-url.ts';
import { requireSpace } from './require-space.ts';
import { silenceAlarm, type SilenceAlarm } from './silence-alarm.ts';
import type { World } from './world.ts';

/** How one try to get a file ended. */
export type Received =
  | { readonly checksum: string }
  /** A no. `retryAfter` is the header. */
  | { readonly status: number; readonly retryAfter: string | null }
  /** No answer. */
  | NetworkFailure
  /** One that broke off after so many bytes; `expected` is absent where the server did not say. */
  | { readonly reason: string; readonly bytes: number; readonly expected?: number };

/** What to get, and where to write it: a file that must not be there yet. */
export interface Delivery {
  readonly url: string;
  readonly algorithm: ChecksumAlgorithm;
  readonly file: string;
  /** The header of that name, for a server that asks who wants it. */
  readonly authorization?: string;
}

/** Tries once to write what is at `url` to a file. Throws what the file system says, and an abort. */
export async function receive(delivery: Delivery, world: World): Promise<Received> {
  const silence = silenceAlarm(world);
  const { url, authorization } = delivery;
  let answer: IncomingMessage | undefined;
  try {
    answer = await openUrl(url, silence.signal, undefined, authorization);
    const { statusCode: status = 0, headers } = answer;
    if (status !== 200) return { status, retryAfter: headers['retry-after'] ?? null };
    return await writeBody(answer, delivery, silence, world);
  } catch (failure) {
    return failureOf(failure, silence, world);
  } finally {
    silence.end();
    answer?.destroy();
  }
}

async function writeBody(
  answer: IncomingMessage,
  { file, algorithm }: Delivery,
  silence: SilenceAlarm,
  world: World,
): Promise<Received> {
  const length = answer.headers['content-length'];
  const expected = length === undefined ? undefined : Number(length);
  if (expected !== undefined) await requireSpace(dirname(file), expected, 'download it', world);
  const hash = createHash(algorithm);
  let bytes = 0;
  await using handle = await open(file, 'wx').catch(refused);
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      silence.heard();
      hash.update(piece);
      bytes += piece.byteLength;
      await handle.writeFile(piece).catch(refused);
    }
  } catch (failure) {
    const { reason } = failureOf(failure, silence, world);
    return { reason, bytes, ...(expected !== undefined && { expected }) };
  }
  return { checksum: `${algorithm}:${hash.digest('hex')}` };
}

/** Marks a failure as one of the file system: errors of the network look the same. */
function refused(error: unknown): never {
  throw fileFailure(error);
}

/** Why the network failed. Throws what is another failure, and an abort. */
function failureOf(failure: unknown, { signal }: SilenceAlarm, world: World): NetworkFailure {
  world.signal?.throwIfAborted();
  if (failure instanceof DiskError) throw failure;
  if (signal.aborted) return { reason: 'nothing came any more', isUntrusted: false };
  return networkFailure(failure);
}
