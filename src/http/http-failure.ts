import { errorCode, failureCause, rootCause } from './failure-causes.ts';
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
  /** In a few words, in one line. */
  readonly reason: string;
  /** What to do about the cause; `undefined` where the caller knows more. */
  readonly remedy: string | undefined;
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

/** The failure for what `fetch` or `node:https` threw. */
export function httpFailure(thrown: unknown, tries: number): HttpFailure {
  const failed = { reason: 'no answer', remedy: undefined, tries, cause: thrown };
  if (!(thrown instanceof Error)) return { ...failed, failure: 'unreachable' };
  if (thrown instanceof UnwantedResponse) {
    return { ...failed, failure: thrown.failure, reason: thrown.message };
  }
  if (thrown instanceof ProxyError) {
    const { isPassing, message: reason, remedy } = thrown;
    return { ...failed, failure: isPassing ? 'unreachable' : 'proxy', reason, remedy };
  }
  if (thrown.name === 'TimeoutError') {
    return { ...failed, failure: 'unreachable', reason: 'no answer in time' };
  }
  const last = rootCause(thrown);
  const code = errorCode(last);
  const said = plainMessage(last.message) || code;
  const { isUntrusted, remedy } = failureCause(code, said) ?? {};
  return isUntrusted
    ? { ...failed, failure: 'untrusted', reason: `its certificate is not trusted: ${said}`, remedy }
    : { ...failed, failure: 'unreachable', reason: said, remedy };
}

/** One line; of OpenSSL's `<thread>:error:<number>:<library>:<function>:<reason>:<file>:<line>:<data>`, the reason. */
function plainMessage(message: string): string {
  const [, reason] = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message) ?? [];
  return (reason ?? message).replaceAll(/\s+/g, ' ').trim();
}

/** `1 try`, `5 tries`. */
export function countTries(tries: number): string {
  return `${tries} ${tries === 1 ? 'try' : 'tries'}`;
}
