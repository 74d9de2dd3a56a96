import { ProxyError } from './proxies.ts';

/** A request without a response that is of use. */
export interface HttpFailure {
  /**
   * - `unreachable`: no try got a whole response.
   * - `untrusted`: the server's certificate is not trusted. There is no second try.
   * - `proxy`: the proxy refuses the request, or its address is none. There is no second try.
   * - `redirected`: a redirect leads to where none may.
   * - `too large`: the body has more bytes than it may.
   */
  readonly failure: 'unreachable' | 'untrusted' | 'proxy' | UnwantedResponse['failure'];
  /** In a few words. */
  readonly reason: string;
  readonly tries: number;
  readonly cause: unknown;
}

/** A response that no other try would better. */
export class UnwantedResponse extends Error {
  readonly failure: 'redirected' | 'too large';

  constructor(failure: UnwantedResponse['failure'], reason: string) {
    super(reason);
    this.failure = failure;
  }
}

/** What to do about a certificate that is not trusted. */
export const TRUST_REMEDY =
  "check the address; where the certificate is of an authority of your own, name that one's file in NODE_EXTRA_CA_CERTS; where it has expired, or is not valid yet, check this machine's clock, or tell whoever runs the server";

const PROXY_REMEDY =
  'check HTTPS_PROXY, HTTP_PROXY and NO_PROXY: the address, the account in it, and which hosts are reached without the proxy; or have the proxy let this machine reach the host';

/** Of Node's "X509 certificate error codes", those that don't begin with `CERT_`. */
const UNTRUSTED = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The failure for what `fetch` or `node:https` threw. */
export function httpFailure(thrown: unknown, tries: number): HttpFailure {
  const failed = { failure: 'unreachable', reason: 'no answer', tries, cause: thrown } as const;
  if (!(thrown instanceof Error)) return failed;
  if (thrown instanceof UnwantedResponse) {
    return { ...failed, failure: thrown.failure, reason: thrown.message };
  }
  if (thrown.name === 'TimeoutError') return { ...failed, reason: 'no answer in time' };
  // `fetch` always throws "fetch failed"; the reason is in its cause, or in the cause of that.
  let cause = thrown;
  while (cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof ProxyError) return { ...failed, failure: 'proxy', reason: cause.message };
  const status = proxyStatus(cause);
  if (status !== undefined) {
    const isRefusal = status < 500;
    const reason = `the proxy responded ${status}`;
    return { ...failed, failure: isRefusal ? 'proxy' : 'unreachable', reason };
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const reason = cause.message === '' ? code : cause.message;
  if (!UNTRUSTED.has(code) && !code.startsWith('CERT_')) return { ...failed, reason };
  return { ...failed, failure: 'untrusted', reason: `its certificate is not trusted: ${reason}` };
}

/** The status with which a proxy refused to lead to a host, in an error of `node:https` or of `fetch`. */
function proxyStatus(error: Error & { statusCode?: unknown; code?: unknown }): number | undefined {
  if (error.code === 'ERR_PROXY_TUNNEL' && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  const [, status] = /^Proxy response \((\d+)\)/.exec(error.message) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** What to do about a failure: `otherwise`, unless the certificate or the proxy is the reason. */
export function failureRemedy(
  { failure }: Pick<HttpFailure, 'failure'>,
  otherwise: string,
): string {
  if (failure === 'proxy') return PROXY_REMEDY;
  return failure === 'untrusted' ? TRUST_REMEDY : otherwise;
}

/** `1 try`, `5 tries`. */
export function countTries(tries: number): string {
  return `${tries} ${tries === 1 ? 'try' : 'tries'}`;
}
