import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { parseJson } from '../../src/json.ts';
import { WITHOUT_BUILDERS } from '../../src/plan/builders.ts';
import { messageOf } from '../../src/problem.ts';
import { describeBuilder, type Builder } from '../../src/settings/builders.ts';
import { certificates, usualHosts } from '../toolchain/docker-api.ts';
import { buildRefusal } from '../toolchain/docker-builds.ts';

const RESPONSE_MS = 20_000;
const PATH = '/info';

const Info = z.object({ ServerVersion: z.string(), DriverStatus: z.unknown() });

/**
 * Why a builder builds nothing now, with what to do; `undefined` when it responds and nothing is known against it. Asks
 * by Docker's API, on the way that the docker plug-in takes: jobs of pipelines have no Docker client.
 */
export async function askBuilder(builder: Builder): Promise<string | undefined> {
  const { name, host, certPath } = builder;
  let reason = '';
  for (const address of host === undefined ? usualHosts() : [host]) {
    try {
      const { ServerVersion: version, DriverStatus } = await requestInfo(address, certPath);
      const driverStatus = JSON.stringify(DriverStatus ?? null);
      const refusal = buildRefusal({ host: address, version, driverStatus });
      return refusal && `builder ${name}: ${refusal.problem}; ${refusal.remedy}`;
    } catch (error) {
      reason ||= reasonOf(error);
    }
  }
  const remedy = REMEDIES.find(({ sign }) => sign.test(reason))?.remedy ?? 'start it';
  const way = `${remedy}, or set ${WITHOUT_BUILDERS}=${name} to build on the others`;
  return `${describeBuilder(builder)} does not respond: ${reason}; ${way}`;
}

/** What to do, by what Node, ssh or the builder says of this cause only; the first match counts. */
const REMEDIES: readonly { readonly sign: RegExp; readonly remedy: string }[] = [
  { sign: /spawn ssh ENOENT/, remedy: 'install ssh' },
  { sign: /ENOENT.*\.pem/, remedy: 'put the files of its client there' },
  { sign: /EACCES/, remedy: 'give this user access to the socket (the group docker)' },
  { sign: /ENOTFOUND|EAI_AGAIN|Could not resolve/i, remedy: 'correct its host' },
  { sign: /Host key verification/i, remedy: "add its host key to ssh's known hosts" },
  { sign: /Permission denied|Too many authentication/i, remedy: 'let this account log in there' },
  { sign: /docker.*not found/i, remedy: 'install docker there' },
  {
    sign: /certificate|HTTPS server|SSL|TLS|socket hang up/i,
    remedy: 'correct its certificates, or those of its client in certPath',
  },
];

async function requestInfo(address: string, certPath: string | undefined) {
  const { protocol, hostname, port } = new URL(address);
  if (protocol === 'ssh:') return readInfo(await responseBySsh(address));
  const options: https.RequestOptions = {
    ...(protocol === 'unix:'
      ? { socketPath: address.slice('unix://'.length) }
      : { hostname: plainHost(hostname), port }),
    path: PATH,
    agent: false,
    signal: AbortSignal.timeout(RESPONSE_MS),
  };
  const request =
    certPath === undefined
      ? http.get(options)
      : https.get({ ...options, ...certificates(certPath, true) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return readInfo({ status: Number(response.statusCode), body: await text(response) });
}

interface Response {
  readonly status: number;
  readonly body: string;
}

function readInfo({ status, body }: Response) {
  if (status !== 200) throw new Error(`HTTP ${status}: ${body.trim().split('\n')[0]}`);
  const info = Info.safeParse(parseJson(body));
  if (!info.success) throw new Error('it is no Docker Engine');
  return info.data;
}

/**
 * As Docker's clients connect by ssh (`connhelper` of docker/cli), but never with a question to a person. By HTTP/1.0,
 * the engine ends the connection after its response.
 */
async function responseBySsh(address: string): Promise<Response> {
  const { username, hostname, port } = new URL(address);
  const account = username === '' ? [] : ['-l', username];
  const place = port === '' ? [] : ['-p', port];
  const rules = ['-o', 'ConnectTimeout=10', '-o', 'BatchMode=yes', '-T'];
  const command = ['--', plainHost(hostname), 'docker', 'system', 'dial-stdio'];
  const child = spawn('ssh', [...account, ...place, ...rules, ...command], {
    stdio: 'pipe',
    timeout: RESPONSE_MS,
  });
  // It may have ended already; then it says why.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`GET ${PATH} HTTP/1.0\r\nHost: docker\r\n\r\n`);
  const ended = once(child, 'close');
  const [response, printed] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const [, status, body] = /^HTTP\/1\.[01] (\d+)[^]*?\r\n\r\n([^]*)$/.exec(response) ?? [];
  if (status !== undefined && body !== undefined) return { status: Number(status), body };
  const last = printed.trim().split('\n').at(-1)?.trim() ?? '';
  throw new Error(last === '' ? 'ssh ended without a response' : last);
}

function plainHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Node reports a host with several addresses as an error without a message. */
function reasonOf(error: unknown): string {
  return messageOf(error instanceof AggregateError ? error.errors[0] : error);
}
