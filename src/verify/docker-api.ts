import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readUpTo } from '../http/read-up-to.ts';
import { parseJson } from '../json.ts';
import { VerifyError } from './verify-error.ts';

/** The address of a Docker Engine, as a builder has it. Without a host, it is the local one. */
export interface EngineAddress {
  readonly host?: string | undefined;
  readonly certPath?: string | undefined;
}

/** Docker's API, which needs no Docker client: the jobs of pipelines have none. Rejects with a VerifyError. */
export type DockerApi = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
) => Promise<Buffer>;

const Message = z.object({ message: z.string() });

/** Where an engine listens when nothing says where; the last one is that of Docker Desktop. */
const usualHosts = () => [
  'unix:///var/run/docker.sock',
  `unix://${join(homedir(), '.docker/run/docker.sock')}`,
];

const REMOVAL_MS = 30_000;

/** Bytes of a response that are kept, as of a Docker client. A container may print without end. */
const MOST_PRINTED = 16 * 1024 * 1024;

/**
 * The API of the first engine that responds at the address. `signal` ends all requests but removals: what a run gives up
 * must not stay in the engine.
 */
export function dockerApi({ host, certPath }: EngineAddress, signal: AbortSignal): DockerApi {
  const hosts = host === undefined ? usualHosts() : [host];
  return async (method, path, body) => {
    const ends = method === 'DELETE' ? AbortSignal.timeout(REMOVAL_MS) : signal;
    let failure: unknown;
    for (const each of hosts) {
      try {
        return await send(connectionTo(each, certPath), method, path, body, ends);
      } catch (error) {
        if (error instanceof VerifyError) throw error;
        // The run or the time limit has ended the request.
        if (ends.aborted) throw failed(`the Docker Engine did not respond: ${String(ends.reason)}`);
        failure ??= error;
      }
    }
    throw failed(`the Docker Engine does not respond: ${String(failure)}`);
  };
}

function connectionTo(host: string, certPath: string | undefined): https.RequestOptions {
  const { protocol, hostname, port } = new URL(host);
  // As it is written: a URL's own path has its spaces and letters like ü encoded.
  if (protocol === 'unix:') return { socketPath: host.slice('unix://'.length) };
  if (protocol !== 'tcp:') throw failed(`a Docker client is needed to reach ${protocol}//`);
  const place = { hostname, port: port || (certPath === undefined ? 2375 : 2376) };
  if (certPath === undefined) return place;
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) =>
    readFileSync(join(certPath, `${name}.pem`)),
  );
  return { ...place, ca, cert, key };
}

async function send(
  connection: https.RequestOptions,
  method: string,
  path: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const options = { ...connection, method, path, headers, agent: false, signal };
  const request = 'ca' in connection ? https.request(options) : http.request(options);
  request.end(text);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const bytes = await readUpTo(response, MOST_PRINTED);
  if ((response.statusCode ?? 500) < 400) return bytes;
  throw failed(Message.safeParse(parseJson(bytes)).data?.message ?? bytes.toString());
}

function failed(problem: string): VerifyError {
  return new VerifyError('DOCKER_FAILED', problem, 'correct what Docker says there');
}

/** The output and the error output of a container, from the frames in which the API mixes them. */
export function readFrames(frames: Buffer): { readonly stdout: string; readonly stderr: string } {
  const streams: Record<number, Buffer[]> = { 1: [], 2: [] };
  for (let at = 0; at + 8 <= frames.length;) {
    const end = at + 8 + frames.readUInt32BE(at + 4);
    streams[frames[at] ?? 0]?.push(frames.subarray(at + 8, end));
    at = end;
  }
  const textOf = (stream: number) => Buffer.concat(streams[stream] ?? []).toString();
  return { stdout: textOf(1), stderr: textOf(2) };
}
