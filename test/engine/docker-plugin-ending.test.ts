import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import grpc from '@grpc/grpc-js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../git/temporary-folder.ts';

// A build that hangs, in the stand-in as the engine starts it, and every way in which that may end.

const SECRET = 'secret-of-a-build-argument';
const WAIT = { timeout: 60_000, interval: 100 };

let context: string;
/** Where the plug-in keeps what it needs for a while. */
let temporary: string;
let tag: string;
let upstream: Server;
let requests: number;
let engine: ChildProcess;
let client: providerGrpc.ResourceProviderClient;

/** The Dockerfile downloads from a server that never answers. */
beforeEach(async () => {
  context = temporaryFolder();
  temporary = temporaryFolder();
  tag = `127.0.0.1:1/team/${context.slice(-6).toLowerCase()}:hanging`;
  requests = 0;
  upstream = createServer((request) => {
    requests += 1;
    request.socket.on('close', () => (requests -= 1));
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const lines = ['FROM scratch', 'ARG TOKEN', `ADD http://127.0.0.1:${port}/${tag} /file`];
  writeFileSync(join(context, 'Dockerfile'), lines.join('\n'));
  await startEngine();
});

afterEach(() => {
  client.close();
  // Whatever a failed test left of the process group.
  try {
    process.kill(-(engine.pid ?? 0), 'SIGKILL');
  } catch {
    // Gone, as it should be.
  }
  upstream.closeAllConnections();
  upstream.close();
});

/** A shell in the part of the engine: starts the plug-in, reads its port and waits. */
async function startEngine(): Promise<void> {
  const plugIn = resolve('infra/sandbox/stand-ins/docker/pulumi-resource-docker');
  engine = spawn('sh', ['-c', '"$0" & wait', plugIn], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  if (engine.stdout === null) throw new Error('no standard output');
  const [port] = (await once(createInterface(engine.stdout), 'line')) as [string];
  const address = `127.0.0.1:${port}`;
  client = new providerGrpc.ResourceProviderClient(address, grpc.credentials.createInsecure());
}

function createImage(): Promise<string> {
  const request = new providerPb.CreateRequest();
  request.setUrn('urn:pulumi:s::p::docker:index/image:Image::app');
  request.setProperties(
    structPb.Struct.fromJavaScript({
      imageName: tag,
      build: {
        context,
        dockerfile: join(context, 'Dockerfile'),
        args: { TOKEN: SECRET },
      },
    }),
  );
  return new Promise((done) => {
    client.create(request, (error) => {
      done(error?.details ?? 'created');
    });
  });
}

function cancel(): Promise<void> {
  return new Promise((done, fail) => {
    client.cancel(new emptyPb.Empty(), (error) => {
      if (error === null) done();
      else fail(error);
    });
  });
}

/** Of all processes; empty for those that have just ended. */
function commandLines(): readonly string[] {
  return readdirSync('/proc').map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
}

function buildsOfImage(): readonly string[] {
  return commandLines().filter((line) => line.includes(tag));
}

function pidOfPlugIn(): number {
  const pid = String(engine.pid);
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

test.each<[string, () => unknown]>([
  ['the engine was killed', () => engine.kill('SIGKILL')],
  ['the engine ended its plug-ins', () => process.kill(pidOfPlugIn(), 'SIGINT')],
  ['the run was cancelled', cancel],
])('no build goes on and no file is left after %s', async (_, end) => {
  const outcome = createImage();
  await vi.waitUntil(() => requests > 0, WAIT);
  // With buildx, the client has a process of its own for the build.
  expect(buildsOfImage()).not.toEqual([]);
  await end();
  expect(await outcome).not.toBe('created');
  await vi.waitUntil(() => buildsOfImage().length === 0 && requests === 0, WAIT);
  expect(readdirSync(temporary)).toEqual([]);
});

test('no build goes on after the process group was killed', async () => {
  const outcome = createImage();
  await vi.waitUntil(() => requests > 0, WAIT);
  process.kill(-(engine.pid ?? 0), 'SIGKILL');
  expect(await outcome).not.toBe('created');
  await vi.waitUntil(() => buildsOfImage().length === 0 && requests === 0, WAIT);
});

test('no secret is among the arguments of any process while an image is built', async () => {
  const outcome = createImage();
  await vi.waitUntil(() => requests > 0, WAIT);
  expect(buildsOfImage().join()).toContain('--build-arg TOKEN ');
  expect(commandLines().join('\n')).not.toContain(SECRET);
  await cancel();
  await outcome;
});
