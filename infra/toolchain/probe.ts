import { fetchWithRetry } from '../../src/http/fetch-with-retry.ts';

/** Long enough for a slow link or a busy machine, short enough for a machine without a link. */
const REACH_MS = 5000;

/** Whether an HTTPS server responds at all, whatever the status. Takes at most five seconds. */
export async function isReachable(url: string): Promise<boolean> {
  const status = await statusOf(url, 'HEAD');
  // A gateway responds with these in place of a host that it can't reach.
  return status !== undefined && ![502, 503, 504, 407].includes(status);
}

/** Whether a program on this machine responds at `127.0.0.1:<port><path>` with 200. */
export async function isServing(port: number, path: string): Promise<boolean> {
  return (await statusOf(`http://127.0.0.1:${port}${path}`, 'GET')) === 200;
}

async function statusOf(url: string, method: 'GET' | 'HEAD') {
  const request = { method, url: new URL(url), largestBody: 0, mayBeCut: true };
  const response = await fetchWithRetry(request, { mostTries: 1, timeout: REACH_MS });
  return 'failure' in response ? undefined : response.status;
}
