import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A way to a registry that writes down who came through, and can be shut. */
export interface RegistryGate {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** `METHOD path` of every request since the last `forget`. */
  readonly seen: readonly string[];
  forget(): void;
  /** From the first request on that `when` accepts, every connection is cut. */
  shut(when: (request: string) => boolean): void;
  open(): void;
  /** Meets the requests for which `fault` has one, instead of the registry. A request waits for a promise. */
  meet(fault: FaultFor): void;
  /** Resolves once the registry has answered a request that `when` accepts; the answer is kept back. */
  swallowAnswer(when: (request: string) => boolean): Promise<void>;
  close(): Promise<void>;
}

type Fault = RegistryFault | undefined;
type FaultFor = (request: string, authorization: string | undefined) => Fault | Promise<Fault>;

/** What a request gets: an answer of this status, or the connection is cut once some of it has arrived. */
export type RegistryFault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | 'cut';

/**
 * Stands on a port of its own before the registry at `target`; the requests pass as they are, or with another `host`,
 * for a server that wants its own.
 */
export async function startRegistryGate(target: string, host?: string): Promise<RegistryGate> {
  const seen: string[] = [];
  let isShutBy: (request: string) => boolean = () => false;
  let faultFor: FaultFor = () => undefined;
  let swallowing: { when: (request: string) => boolean; swallowed: () => void } | undefined;
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const line = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    seen.push(line);
    if (isShutBy(line)) {
      isShutBy = () => true;
      server.closeAllConnections();
      return;
    }
    const fault = await faultFor(line, incoming.headers.authorization);
    if (fault !== undefined) {
      meetWith(fault, incoming, outgoing);
      return;
    }
    const swallowed = swallowing?.when(line) === true ? swallowing.swallowed : undefined;
    if (swallowed !== undefined) swallowing = undefined;
    if (host !== undefined) incoming.headers.host = host;
    pass(target, incoming, outgoing, swallowed);
  };
  // The upload of a large layer may take longer than the five minutes that Node lets a request take.
  const server = createServer({ requestTimeout: 0 }, (incoming, outgoing) => {
    void respond(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    forget: () => seen.splice(0),
    shut: (when) => (isShutBy = when),
    open: () => (isShutBy = () => false),
    meet: (fault) => (faultFor = fault),
    swallowAnswer: (when) =>
      new Promise((swallowed) => {
        swallowing = { when, swallowed };
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function meetWith(fault: RegistryFault, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (fault === 'cut') {
    for (const moment of ['data', 'end']) incoming.once(moment, () => incoming.socket.destroy());
    return;
  }
  incoming.resume();
  const { status, headers, body } = fault;
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

function pass(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  swallowed?: () => void,
): void {
  const [host, port] = target.split(':');
  const { method, url, headers } = incoming;
  // The Host header stays: the registry builds the addresses of uploads from it.
  const onward = request({ host, port, method, path: url, headers }, (answer) => {
    if (swallowed !== undefined) {
      answer.resume();
      swallowed();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.on('error', () => onward.destroy());
  incoming.pipe(onward);
}
