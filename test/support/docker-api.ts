import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** `DriverStatus` of an engine with the containerd image store, and of one without. */
export const CONTAINERD = [['driver-type', 'io.containerd.snapshotter.v1']];
export const CLASSIC = [['Backing Filesystem', 'extfs']];

interface ApiOptions {
  readonly version?: string;
  readonly status?: unknown;
  /** The names of its images. */
  readonly images?: readonly string[];
  /** The path of a socket to listen at; a port of this machine when absent. */
  readonly path?: string;
  /** The folder of its files. */
  readonly root?: string;
  /** The address of its containerd. */
  readonly containerd?: string;
}

/** A Docker Engine, as far as it describes itself; it ends with the running test. */
export async function startDockerApi({
  version = '29.9.3',
  status = CONTAINERD,
  images = [],
  path,
  root,
  containerd,
}: ApiOptions) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://docker');
    paths.push(pathname);
    response.setHeader('Api-Version', '1.47');
    const [, image] = /\/images\/(.+)\/json$/.exec(pathname) ?? [];
    if (image !== undefined && !images.includes(image)) response.statusCode = 404;
    const about = { Version: version, ApiVersion: '1.47', MinAPIVersion: '1.24' };
    const info = {
      DriverStatus: status,
      DockerRootDir: root,
      ...(containerd && { Containerd: { Address: containerd } }),
    };
    response.end(JSON.stringify(pathname.endsWith('/info') ? info : about));
  });
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { host: path === undefined ? `tcp://127.0.0.1:${port}` : `unix://${path}`, port, paths };
}
