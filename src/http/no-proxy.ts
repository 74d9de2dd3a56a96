import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../url.ts';

/** Whether a URL is reached without a proxy: no proxy reaches the programs of this machine. */
export function isDirect(url: URL, noProxy: string): boolean {
  const entries = noProxy.toLowerCase().split(/[\s,]+/);
  return isLoopback(url.hostname) || entries.some((entry) => isFor(entry, url));
}

/** A URL's `host:port`, of an IPv6 address with and without brackets. */
export function addressesOf(url: URL): readonly string[] {
  return [url.hostname, bare(url.hostname)].map((host) => `${host}:${portOf(url)}`);
}

/**
 * Whether an entry of NO_PROXY is for a URL: `*`, a name, which stands for its subdomains as well, an IP address, or a
 * range such as `10.0.0.0/8`; a name or an address may have a port. So do curl, git and Go read it.
 */
function isFor(entry: string, url: URL): boolean {
  if (entry === '*') return true;
  const host = bare(url.hostname);
  const [, range = '', bits] = /^([\d.a-f:]+)\/(\d+)$/.exec(entry) ?? [];
  if (bits !== undefined) return isWithin(host, range, Number(bits));
  const [, name = '', port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [undefined, entry];
  if (name === '' || (port !== undefined && port !== portOf(url))) return false;
  const plain = bare(name);
  if (isIP(plain)) return isWithin(host, plain, isIP(plain) === 4 ? 32 : 128);
  const domain = plain.replace(/^\*?\./, '');
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isWithin(host: string, range: string, bits: number): boolean {
  const [family, most] = isIP(range) === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  if (isIP(range) === 0 || isIP(host) !== isIP(range) || bits > most) return false;
  const list = new BlockList();
  list.addSubnet(range, bits, family);
  return list.check(host, family);
}

/** Without the brackets of an IPv6 address. */
const bare = (hostname: string): string => hostname.replaceAll(/^\[|\]$/g, '');

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}
