import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import { connectEngineLog, isListening } from './engine.ts';
import type { Log, Plugin } from './resource-type.ts';
import { providerService, type Connection } from './service.ts';

/** The engine's own limit (400 MiB): no resource that the engine accepts is rejected here. */
const LARGEST_MESSAGE = 400 * 1024 * 1024;
const LOOK_FOR_ENGINE_MS = 500;
/** How long cancelled work has to clean up once the engine is gone. */
const LAST_STEPS_MS = 3000;
const ENGINE_IS_GONE = new Error('the engine is gone');

/**
 * Serves a plug-in to the engine that started this process: listens on loopback, and prints the port as the
 * protocol requires. Ends with the engine: one that was killed leaves no plug-in and no build behind.
 */
export async function serve(create: () => Plugin): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
  const { port, cancellation } = await startPluginServer(create, engineAddress);
  endWithEngine(cancellation, engineAddress);
  console.log(String(port));
  // With NODE_COMPILE_CACHE: Node writes the cache when it exits, and the engine does not wait for that.
  flushCompileCache();
}

/**
 * Starts a server for one plug-in and the engine at `engineAddress`. Without an address, any number of engines
 * can attach (PULUMI_DEBUG_PROVIDERS), and each provider of each has a connection and a plug-in of its own.
 * Returns the port on 127.0.0.1, and what ends the work for the one engine.
 */
export async function startPluginServer(
  create: () => Plugin,
  engineAddress?: string,
): Promise<{ readonly port: number; readonly cancellation: AbortController | undefined }> {
  const only = engineAddress === undefined ? undefined : connect(create(), engineAddress);
  const attached = new Map<string, Connection>();
  const connectionOf = (peer: string) => {
    const found = only ?? attached.get(peer) ?? connect(create());
    if (only === undefined) attached.set(peer, found);
    return found;
  };
  /** Makes a new connection each time: a later engine may get the port of one that is gone. */
  const attach = (peer: string, address: string) => {
    if (only !== undefined) return;
    const connection = connect(create(), address);
    attached.set(peer, connection);
    void endOf(address).then(() => {
      connection.cancellation.abort(ENGINE_IS_GONE);
      if (attached.get(peer) === connection) attached.delete(peer);
    });
  };
  const server = new grpc.Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE,
    'grpc.max_send_message_length': LARGEST_MESSAGE,
  });
  server.addService(providerGrpc.ResourceProviderService, providerService(connectionOf, attach));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, cancellation: only?.cancellation };
}

function connect(plugin: Plugin, engineAddress?: string): Connection {
  const silent: Log = () => undefined;
  const logFor = engineAddress === undefined ? () => silent : connectEngineLog(engineAddress);
  return { plugin, logFor, cancellation: new AbortController() };
}

/** Resolves when no engine listens at that address any more. */
async function endOf(engineAddress: string): Promise<void> {
  while (await isListening(engineAddress)) await pause(LOOK_FOR_ENGINE_MS);
}

function endWithEngine(work: AbortController | undefined, engineAddress: string | undefined): void {
  const engine = process.ppid;
  const end = () => {
    clearInterval(watch);
    work?.abort(ENGINE_IS_GONE);
    setTimeout(() => process.exit(1), LAST_STEPS_MS);
  };
  const watch = setInterval(() => {
    if (process.ppid !== engine) end();
  }, LOOK_FOR_ENGINE_MS);
  if (engineAddress === undefined) return;
  // An engine that was killed while this process started is no longer the parent at the first look.
  void isListening(engineAddress).then((isThere) => {
    if (!isThere) end();
  });
}
