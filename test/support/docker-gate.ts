import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A Docker Engine that a test may take away, as those who talk to it see it: the engine itself stays. */
export interface DockerGate {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  /** Cuts every connection, so that the engine ends what it was building for them, and takes no other. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Passes on what comes to a socket at `path` to the engine at `target`, a value for DOCKER_HOST. */
export async function startDockerGate(path: string, target: string): Promise<DockerGate> {
  const connections = new Set<Socket>();
  let server: Server;
  const pass = (client: Socket) => {
    const engine = connect(addressOf(target));
    for (const socket of [client, engine]) {
      connections.add(socket);
      socket.on('close', () => {
        connections.delete(socket);
        client.destroy();
        engine.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    client.pipe(engine);
    engine.pipe(client);
  };
  const gate: DockerGate = {
    host: `unix://${path}`,
    async start() {
      // Either side may be done with sending and still listen: a build's session ends so.
      server = createServer({ allowHalfOpen: true }, pass).listen(path);
      await once(server, 'listening');
    },
    async stop() {
      const isClosed = once(server, 'close');
      server.close();
      for (const socket of connections) socket.destroy();
      await isClosed;
      rmSync(path, { force: true });
    },
  };
  await gate.start();
  return gate;
}

function addressOf(host: string) {
  const { protocol, pathname: path, hostname, port } = new URL(host);
  return protocol === 'unix:'
    ? { path, allowHalfOpen: true }
    : { host: hostname, port: Number(port), allowHalfOpen: true };
}
