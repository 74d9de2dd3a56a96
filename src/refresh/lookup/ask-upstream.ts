import { setTimeout as pause } from 'node:timers/promises';
import { turns, type TakeTurn } from '../../http/turns.ts';
import { TRUST_REMEDY } from '../../http/network-failure.ts';
import { type Ask, SourceError } from '../publishers/publisher.ts';
import { retryDelay } from '../../registry/retry-delay.ts';
import { receiveText, refuseUnsafe, type ReceivedText } from './receive-text.ts';

/** Of one host. */
const AT_ONCE = 4;

/** The world that publishers are asked in. */
export interface UpstreamWorld {
  /** Waits for so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** Milliseconds for one try, its body included. */
  readonly timeout: number;
}

interface Host {
  readonly takeTurn: TakeTurn;
  /** Why it is not asked any more. */
  lasting?: SourceError;
}

/**
 * Asks publishers' servers for lists and checksum files: each once, again where that may help, and a host
 * that can't be reached, or has had enough, only until that is known.
 */
export function askUpstream(world: UpstreamWorld = { sleep: pause, timeout: 30_000 }): Ask {
  const hosts = new Map<string, Host>();
  const answers = new Map<string, Promise<string | undefined>>();
  return (url) => {
    const answer = answers.get(url) ?? askHost(url);
    answers.set(url, answer);
    return answer;
  };

  async function askHost(url: string): Promise<string | undefined> {
    refuseUnsafe(new URL(url));
    const { host: name } = new URL(url);
    const host = hosts.get(name) ?? { takeTurn: turns(AT_ONCE) };
    hosts.set(name, host);
    return host.takeTurn(async () => {
      if (host.lasting !== undefined) throw notTried(url, host.lasting);
      const { received, tries } = await receiveWithRetries(url, world);
      if ('text' in received) return received.text;
      const status = 'status' in received ? received.status : undefined;
      if (status === 404 || status === 410) return undefined;
      const failure = unreachable(url, received, tries);
      if (status === undefined || status === 429) host.lasting = failure;
      throw failure;
    });
  }
}

async function receiveWithRetries(
  url: string,
  { sleep, timeout }: UpstreamWorld,
): Promise<{ readonly received: ReceivedText; readonly tries: number }> {
  let waited = 0;
  for (let tries = 1; ; tries += 1) {
    const received = await receiveText(url, timeout);
    if ('text' in received) return { received, tries };
    if ('isUntrusted' in received && received.isUntrusted) return { received, tries };
    const circumstances = { tries, waited, now: Date.now(), random: Math.random() };
    const delay = retryDelay('reason' in received ? {} : received, circumstances);
    if (delay === undefined) return { received, tries };
    await sleep(delay);
    waited += delay;
  }
}

function unreachable(
  url: string,
  received: Exclude<ReceivedText, { readonly text: string }>,
  tries: number,
): SourceError {
  const what =
    'reason' in received ? `can’t be read: ${received.reason}` : `answered ${received.status}`;
  return new SourceError(
    'SOURCE_UNREACHABLE',
    `${url} ${what} (${tries} ${tries === 1 ? 'try' : 'tries'})`,
    'isUntrusted' in received && received.isUntrusted
      ? TRUST_REMEDY
      : 'try again later; should it last, look for the publisher’s new address',
  );
}

function notTried(url: string, { code, problem, remedy }: SourceError): SourceError {
  return new SourceError(code, `${url} was not tried, since another failed: ${problem}`, remedy);
}
