/** True when a URL's host (`127.0.0.0/8`, `localhost`, `[::1]`) never leaves the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
