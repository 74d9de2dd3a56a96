import http from 'node:http';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy refuses a request, or the environment names none that a request can be sent through. */
export class ProxyError extends Error {}

/** No proxy reaches the programs of this machine. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

let applied = JSON.stringify({});
let restore = (): void => undefined;

/**
 * Has all requests of this process go through the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name.
 * Throws a ProxyError, without the address, which may have a password.
 *
 * Not by NODE_USE_ENV_PROXY: Node would have to start with it, which the engine decides for the program and the
 * plug-in, and would end with the address in its message where that is no URL.
 */
export function useProxies(environment: Environment = process.env): void {
  const proxies = readProxies(environment);
  const wanted = JSON.stringify(proxies);
  if (wanted === applied) return;
  restore();
  restore = http.setGlobalProxyFromEnv(proxies);
  applied = wanted;
}

/** What Node takes. Lower case comes before upper case, and an empty variable counts as none, as with curl and Go. */
export function readProxies(environment: Environment): Record<string, string> {
  const proxies: Record<string, string> = {};
  for (const name of ['http_proxy', 'https_proxy']) {
    const address = read(environment, name);
    if (address !== '') proxies[name] = proxyAddress(name, address);
  }
  const direct = read(environment, 'no_proxy').split(/[\s,]+/);
  if (Object.keys(proxies).length === 0 || direct.includes('*')) return {};
  proxies['no_proxy'] = [...direct.flatMap(withSubdomains), ...LOOPBACK].join(',');
  return proxies;
}

function read(environment: Environment, name: string): string {
  const values = [environment[name], environment[name.toUpperCase()]];
  return values.find((value) => value?.trim())?.trim() ?? '';
}

/** curl and Go take an address without `http://`. */
function proxyAddress(name: string, address: string): string {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  throw new ProxyError(`${name.toUpperCase()} is not the http:// address of a proxy`);
}

/** To curl, git and Go, a domain stands for its subdomains as well; to Node, it does not. */
function withSubdomains(entry: string): string[] {
  const name = entry.replace(/^\*(?=\.)/, '');
  if (name === '') return [];
  return name.startsWith('.') ? [name] : [name, `.${name}`];
}
