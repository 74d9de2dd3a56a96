import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';

/** A Docker Engine behind TLS: it takes clients with a certificate of its authority only. */
export interface DockerFront {
  /** A value for DOCKER_HOST. */
  readonly host: string;
  /** How many clients have been let in. */
  connections(): number;
  close(): void;
}

/** Stands before the engine at a `unix://` address, with `ca.pem`, `cert.pem` and `key.pem` of a folder. */
export async function startDockerFront(target: string, folder: string): Promise<DockerFront> {
  const sockets = new Set<Socket>();
  let count = 0;
  const contentOf = (name: string) => readFileSync(join(folder, name));
  const server = createServer(
    {
      key: contentOf('key.pem'),
      cert: contentOf('cert.pem'),
      ca: contentOf('ca.pem'),
      requestCert: true,
      allowHalfOpen: true,
    },
    (arriving) => {
      count += 1;
      const onward = connect({ path: new URL(target).pathname, allowHalfOpen: true });
      for (const socket of [arriving, onward]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          arriving.destroy();
          onward.destroy();
        });
      }
      arriving.pipe(onward).pipe(arriving);
    },
  );
  // Of whoever has no certificate.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `tcp://127.0.0.1:${port}`,
    connections: () => count,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
