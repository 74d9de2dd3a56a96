import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { debianProgram } from '../../infra/toolchain/programs.ts';

/** A way to a server on this machine by TLS, with a certificate that nobody here trusts. */
export interface TlsFront {
  readonly port: number;
  /** The file of the certificate, for whoever is to trust it. */
  readonly certificate: string;
  close(): void;
}

/**
 * An address of this machine that doesn't look like one: of it, programs expect a certificate. The one of a
 * `TlsFront` is good for it, and for 127.0.0.1.
 */
export const NO_LOOPBACK = '0.0.0.0';

/** Stands before `target`, `127.0.0.1:<port>`. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  const openssl = await debianProgram('openssl', 'openssl', console.error);
  const folder = mkdtempSync(join(tmpdir(), 'tls-front-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const names = `subjectAltName=IP:127.0.0.1,IP:${NO_LOOPBACK}`;
  execFileSync(
    openssl,
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-days', '2', '-subj', '/CN=localhost', '-addext', names],
      ...['-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const [host = '', port] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (arriving) => {
      const onward = connect(Number(port), host);
      for (const socket of [arriving, onward]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
      }
      arriving.pipe(onward).pipe(arriving);
    },
  );
  // Whoever trusts no one hangs up in mid-handshake.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}
