import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { type DescribedEngine, hasContainerdStore } from './docker-builds.ts';

/** Where a Docker Engine is, by a setting or the environment. */
export interface DockerAddress {
  /** As in DOCKER_HOST; the usual sockets when absent. */
  readonly host?: string | undefined;
  /** A folder with `ca.pem`, `cert.pem` and `key.pem`. */
  readonly certPath?: string | undefined;
  /** Whether the engine's certificate counts, where there is a `certPath`. */
  readonly verify: boolean;
}

const RESPONSE_MS = 10_000;

const Version = z.object({ Version: z.string() });
const Info = z.object({
  DriverStatus: z.unknown(),
  DockerRootDir: z.string().optional(),
  Containerd: z.object({ Address: z.string().nullish() }).nullish(),
});

/** A containerd that the engine has not started keeps its files in a folder of its own, whose usual place this is. */
const OF_SYSTEM = /^(?:\/var)?\/run\/containerd\/containerd\.sock$/;
const SYSTEM_FOLDER = '/var/lib/containerd';

/**
 * Asks an engine by its API, since the jobs of pipelines have no Docker client. `undefined` where none responds, or
 * one is reached by ssh.
 */
export async function describeEngine(address: DockerAddress): Promise<DescribedEngine | undefined> {
  const hosts = address.host ? [address.host] : usualHosts();
  for (const host of hosts) {
    try {
      const [version, info] = await Promise.all([
        get('/version', { ...address, host }),
        get('/info', { ...address, host }),
      ]);
      const { DriverStatus: status = null, DockerRootDir, Containerd } = Info.parse(info.body);
      const { Version: number } = Version.parse(version.body);
      const driverStatus = JSON.stringify(status);
      const isOfSystem = OF_SYSTEM.test(Containerd?.Address ?? '');
      const root =
        isOfSystem && hasContainerdStore({ driverStatus }) ? SYSTEM_FOLDER : DockerRootDir;
      return { host, version: number, driverStatus, root };
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}

/** Whether an engine certainly has an image of this name. */
export async function hasImage(
  address: DockerAddress & { readonly host: string },
  name: string,
): Promise<boolean> {
  try {
    return (await get(`/images/${name}/json`, address)).status === 200;
  } catch {
    return false;
  }
}

/** Where the docker plug-in looks when nothing says where. The last two are those of Docker Desktop. */
export function usualHosts(): readonly string[] {
  const ofUser = ['run', 'desktop'].map((name) => join(homedir(), '.docker', name, 'docker.sock'));
  return ['/var/run/docker.sock', ...ofUser].map((path) => `unix://${path}`);
}

async function get(path: string, { host = '', certPath = '', verify }: DockerAddress) {
  const { protocol, hostname, port } = new URL(host);
  const isSocket = protocol === 'unix:';
  const isTls = protocol === 'https:' || (protocol === 'tcp:' && certPath !== '');
  if (!isSocket && !isTls && !['tcp:', 'http:'].includes(protocol)) {
    throw new Error(`the protocol of a Docker API is not ${protocol}`);
  }
  const options: https.RequestOptions = {
    // As it is written: a URL's own path has its spaces and letters like ü encoded.
    ...(isSocket
      ? { socketPath: host.slice('unix://'.length) }
      : { hostname, port: port || (isTls ? 2376 : 2375) }),
    ...(isTls && certPath !== '' && certificates(certPath, verify)),
    path,
    agent: false,
    signal: AbortSignal.timeout(RESPONSE_MS),
  };
  const request = isTls ? https.get(options) : http.get(options);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await json(response) };
}

export function certificates(folder: string, verify: boolean): https.RequestOptions {
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
    readFileSync(join(folder, name)),
  );
  return { ca, cert, key, rejectUnauthorized: verify };
}
