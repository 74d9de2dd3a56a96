import http from 'node:http';
import type { Environment } from '../environment.ts';
import { errorCode, rootCause } from './failure-causes.ts';
import { addressesOf, isDirect } from './no-proxy.ts';

/** A proxy does not lead to a host, or the environment names none that a request can be sent through. */
export class ProxyError extends Error {
  readonly remedy: string;
  /** Whether another try may help. */
  readonly isPassing: boolean;

  constructor(reason: string, remedy: string, isPassing = false) {
    super(reason);
    this.remedy = remedy;
    this.isPassing = isPassing;
  }
}

/** What is applied now: the proxies, and `host:port` of what has been reached without one. */
let applied = '';
let direct = new Set<string>();
let restore = (): void => undefined;

/**
 * Sends a request to a URL through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for it, if any. Throws a
 * ProxyError where the proxy is the reason of a failure, without its address, which may have a password.
 */
export async function throughProxy<T>(url: URL, send: () => Promise<T>): Promise<T> {
  const isProxied = useProxies(url);
  try {
    return await send();
  } catch (error) {
    throw (isProxied ? proxyError(error) : undefined) ?? error;
  }
}

/**
 * Has the requests of this process go through the proxies of the environment. Returns whether those to `url` do.
 * Throws a ProxyError.
 *
 * Not by NODE_USE_ENV_PROXY: Node would have to start with it, which the engine decides for the program and the
 * plug-in, would end with the address in its message where that is no URL, and reads NO_PROXY in another way.
 */
export function useProxies(url: URL, environment: Environment = process.env): boolean {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const reachesAlone = isDirect(url, read(environment, 'no_proxy'));
  const isProxied = read(environment, name) !== '' && !reachesAlone;
  if (isProxied && proxyAddress(environment, name) === undefined) {
    const remedy = `write it as http://host:port, or name ${url.hostname} in NO_PROXY`;
    throw new ProxyError(`${name.toUpperCase()} is not the http:// address of a proxy`, remedy);
  }
  const proxies = ['http_proxy', 'https_proxy'].flatMap((one) => {
    const address = proxyAddress(environment, one);
    return address === undefined ? [] : [[one, address] as const];
  });
  apply(Object.fromEntries(proxies), reachesAlone ? addressesOf(url) : []);
  return isProxied;
}

/** Node's own list does for single addresses only: its two clients read anything else in different ways. */
function apply(proxies: Record<string, string>, without: readonly string[]): void {
  const wanted = JSON.stringify(proxies);
  const isSame = wanted === applied;
  const reached = new Set([...(isSame ? direct : []), ...without]);
  if (isSame && reached.size === direct.size) return;
  restore();
  const hasProxy = Object.keys(proxies).length > 0;
  const options = { ...proxies, no_proxy: [...reached].join(',') };
  restore = hasProxy ? http.setGlobalProxyFromEnv(options) : () => undefined;
  applied = wanted;
  direct = reached;
}

/** Lower case comes before upper case, and an empty variable counts as none, as with curl and Go. */
function read(environment: Environment, name: string): string {
  const values = [environment[name], environment[name.toUpperCase()]];
  return values.find((value) => value?.trim())?.trim() ?? '';
}

/** `undefined` for none, and for what is none. curl and Go take an address without `http://`. */
function proxyAddress(environment: Environment, name: string): string | undefined {
  const address = read(environment, name);
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

const CHECK_ADDRESS =
  'check the address of the proxy in HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY';

/** The error for a proxy that refuses a request with this status. */
export function proxyRefusal(status: number): ProxyError {
  const reason = `the proxy responded ${status}`;
  if (status === 407) {
    const remedy =
      'write the account of the proxy into HTTPS_PROXY: http://user:password@host:port';
    return new ProxyError(reason, remedy);
  }
  if (status >= 500) {
    const remedy = 'the proxy does not reach the host: check its name, or try again later';
    return new ProxyError(reason, remedy, true);
  }
  const remedy = 'have the proxy let this machine reach the host, or name the host in NO_PROXY';
  return new ProxyError(reason, remedy);
}

/** The error of a proxied request, where the proxy is its reason. */
function proxyError(thrown: unknown): ProxyError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const cause = rootCause(thrown);
  const code = errorCode(cause);
  const isTunnel = code === 'ERR_PROXY_TUNNEL';
  // `node:https` states the status in a field, `fetch` in the message.
  const stated = isTunnel && 'statusCode' in cause ? cause.statusCode : undefined;
  const [, text] = /^Proxy response \((\d+)\)/.exec(cause.message) ?? [];
  const status = Number(stated ?? text ?? NaN);
  if (!Number.isNaN(status)) return proxyRefusal(status);
  const isConnecting =
    'syscall' in cause && (cause.syscall === 'connect' || cause.syscall === 'getaddrinfo');
  if (!isTunnel && !isConnecting && code !== 'UND_ERR_CONNECT_TIMEOUT') return undefined;
  return new ProxyError(`the proxy gives no answer: ${cause.message}`, CHECK_ADDRESS, true);
}
