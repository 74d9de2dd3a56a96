import { openUrl } from '../../http/open-url.ts';
import { isLoopback } from '../../is-loopback.ts';
import { networkFailure, type NetworkFailure } from '../../http/network-failure.ts';
import { SourceError } from '../publishers/publisher.ts';
import { readUpTo } from '../../http/read-up-to.ts';

/** Bytes: the longest list of a publisher that is followed has about 200 kB. */
const LARGEST = 5_000_000;

/** How one try to get a text ended: with the text, with a refusal, or without an answer. */
export type ReceivedText =
  | { readonly text: string }
  | { readonly status: number; readonly retryAfter: string | null }
  | NetworkFailure;

/**
 * Tries once to get the text at `url`, within `timeout` milliseconds. Throws a SourceError for a text that is
 * too large, and for a redirect to where anybody could change it.
 */
export async function receiveText(url: string, timeout: number): Promise<ReceivedText> {
  const signal = AbortSignal.timeout(timeout);
  try {
    const answer = await openUrl(url, signal, refuseUnsafe);
    try {
      const { statusCode: status = 0, headers } = answer;
      if (status !== 200) return { status, retryAfter: headers['retry-after'] ?? null };
      return { text: await readText(answer as AsyncIterable<Buffer>, url) };
    } finally {
      answer.destroy();
    }
  } catch (failure) {
    if (failure instanceof SourceError) throw failure;
    if (signal.aborted) return { reason: 'no answer in time', isUntrusted: false };
    return networkFailure(failure);
  }
}

/** Throws a SourceError (SOURCE_UNSAFE) for plain http that leaves this machine. */
export function refuseUnsafe({ protocol, hostname, href }: URL): void {
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return;
  throw new SourceError(
    'SOURCE_UNSAFE',
    `${href} is not https, so anybody on the way could name a build of theirs`,
    'pin the build at an address that begins with https://',
  );
}

async function readText(body: AsyncIterable<Buffer>, url: string): Promise<string> {
  const { bytes, isWhole } = await readUpTo(body, LARGEST);
  if (isWhole) return bytes.toString('utf8');
  const remedy = 'look at what is there: no list of builds or checksums is that long';
  throw new SourceError('SOURCE_TOO_LARGE', `${url} has more than ${LARGEST} bytes`, remedy);
}
