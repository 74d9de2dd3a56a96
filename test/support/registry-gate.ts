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
  /** Resolves once the registry has answered a request that `when` accepts; the answer is kept back. */
  swallowAnswer(when: (request: string) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Stands on a port of its own before the registry at `target`; the requests pass as they are. */
export async function startRegistryGate(target: string): Promise<RegistryGate> {
  const seen: string[] = [];
  let isShutBy: (request: string) => boolean = () => false;
  let swallowing: { when: (request: string) => boolean; swallowed: () => void } | undefined;
  const server = createServer((incoming, outgoing) => {
    const line = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    seen.push(line);
    if (isShutBy(line)) {
      isShutBy = () => true;
      server.closeAllConnections();
      return;
    }
    const swallowed = swallowing?.when(line) === true ? swallowing.swallowed : undefined;
    if (swallowed !== undefined) swallowing = undefined;
    pass(target, incoming, outgoing, swallowed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    forget: () => seen.splice(0),
    shut: (when) => (isShutBy = when),
    open: () => (isShutBy = () => false),
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
