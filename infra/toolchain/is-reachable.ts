/** Long enough for a slow link, short enough for a machine that has none. */
const PATIENCE_MS = 5000;

/** Whether an HTTPS server answers at all, whatever its status; at most five seconds. */
export async function isReachable(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // A gateway that stands in for a host it can't reach answers with these.
    return ![502, 503, 504, 407].includes(response.status);
  } catch {
    return false;
  }
}
