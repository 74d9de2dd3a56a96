import { isLoopback } from '../is-loopback.ts';

/** Whether a secret may be sent to an address: https, or no further than this machine. */
export function isSafeAddress(address: string): boolean {
  const url = URL.parse(address);
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && isLoopback(url.hostname);
}
