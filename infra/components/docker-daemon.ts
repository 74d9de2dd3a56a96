import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { json } from 'node:stream/consumers';
import pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { buildRefusal, type DescribedEngine } from '../toolchain/docker-builds.ts';

/** Where the docker plug-in looks for its engine: settings of the stack, then the environment. */
export interface DockerSettings {
  readonly host?: string | undefined;
  /** A folder with `ca.pem`, `cert.pem` and `key.pem`. */
  readonly certPath?: string | undefined;
  /** Whether the engine's certificate counts, where there is a `certPath`. */
  readonly verify: boolean;
}

/** Why no build may begin; `undefined` where nothing is known against it. */
export type FindRefusal = () => Promise<string | undefined>;

const RESPONSE_MS = 10_000;

const Version = z.object({ Version: z.string() });
const Info = z.object({ DriverStatus: z.unknown() });

/**
 * Asks the engine of the docker plug-in once, at the first build: an engine that refuses every build responds with
 * a 403 that has neither the reason nor a remedy. Warns in a preview, which builds nothing.
 */
export function refusedBuilds(settings: () => DockerSettings = dockerSettings): FindRefusal {
  let refusal: Promise<string | undefined> | undefined;
  return () => (refusal ??= findRefusal(settings()));
}

async function findRefusal(settings: DockerSettings): Promise<string | undefined> {
  const engine = await describeEngine(settings);
  const refusal = engine && buildRefusal(engine);
  if (refusal === undefined) return undefined;
  const reason = `${refusal.problem}; ${refusal.remedy}`;
  if (!pulumi.runtime.isDryRun()) return reason;
  await pulumi.log.warn(reason);
  return undefined;
}

/** As `configureDockerClient` in pulumi-docker's provider/image.go reads them. */
function dockerSettings(): DockerSettings {
  const config = new pulumi.Config('docker');
  const { DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY = '' } = process.env;
  const certPath = config.get('certPath');
  return {
    host: config.get('host') ?? DOCKER_HOST,
    certPath: certPath ?? DOCKER_CERT_PATH,
    verify: certPath !== undefined || DOCKER_TLS_VERIFY !== '',
  };
}

/** `undefined` where no engine responds, which the plug-in reports, or where one is reached by ssh. */
export async function describeEngine({
  host = '',
  ...settings
}: DockerSettings): Promise<DescribedEngine | undefined> {
  for (const address of host === '' ? usualHosts() : [host]) {
    try {
      const [version, info] = await Promise.all([
        get(address, '/version', settings),
        get(address, '/info', settings),
      ]);
      const { Version: number } = Version.parse(version);
      return {
        host: address,
        version: number,
        driverStatus: JSON.stringify(Info.parse(info).DriverStatus ?? null),
      };
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}

/** The second is that of Docker Desktop. */
function usualHosts(): readonly string[] {
  const ofUser = join(homedir(), '.docker/run/docker.sock');
  return ['/var/run/docker.sock', ofUser].map((path) => `unix://${path}`);
}

async function get(host: string, path: string, { certPath = '', verify }: DockerSettings) {
  const { protocol, pathname, hostname, port } = new URL(host);
  const isSocket = protocol === 'unix:';
  const isTls = protocol === 'https:' || (protocol === 'tcp:' && certPath !== '');
  if (!isSocket && !isTls && !['tcp:', 'http:'].includes(protocol)) {
    throw new Error(`${protocol} is none of a Docker API`);
  }
  const options: https.RequestOptions = {
    ...(isSocket ? { socketPath: pathname } : { hostname, port: port || (isTls ? 2376 : 2375) }),
    ...(isTls && certPath !== '' && certificates(certPath, verify)),
    path,
    agent: false,
    signal: AbortSignal.timeout(RESPONSE_MS),
  };
  const request = isTls ? https.get(options) : http.get(options);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return json(response);
}

function certificates(folder: string, verify: boolean): https.RequestOptions {
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
    readFileSync(join(folder, name)),
  );
  return { ca, cert, key, rejectUnauthorized: verify };
}
