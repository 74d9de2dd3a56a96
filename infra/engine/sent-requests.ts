import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Stream } from 'node:http2';
import { setImmediate } from 'node:timers/promises';

/** Node publishes each HTTP/2 request of this process here once its body is written. */
const BODY_SENT = 'http2.client.stream.bodySent';

/**
 * Waits until the SDK has sent the engine a request of each of these methods, or until `otherwise` is settled.
 *
 * The SDK sends a request some round trips after the program has made it, and loading modules blocks the
 * event loop meanwhile. In ten pairs of previews on a busy machine with two cores, both requests left 10 ms
 * after the program began (median) with this wait, and 2.6 s after it without.
 */
export async function sentRequests(
  methods: readonly string[],
  otherwise: Promise<unknown>,
): Promise<void> {
  const missing = new Set(methods);
  await new Promise<void>((resolve) => {
    const end = () => {
      unsubscribe(BODY_SENT, notice);
      resolve();
    };
    const notice = (message: unknown) => {
      const { stream } = message as { stream: ClientHttp2Stream };
      missing.delete(String(stream.sentHeaders[':path']).split('/').at(-1) ?? '');
      if (missing.size === 0) end();
    };
    subscribe(BODY_SENT, notice);
    otherwise.then(end, end);
  });
  // Node writes to the socket at the end of this turn of the event loop.
  await setImmediate();
}
