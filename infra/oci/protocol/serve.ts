import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { connectEngineLog, isListening } from './engine.ts';
import { propertiesFromStruct, secretOf, structFromProperties } from './properties.ts';
import * as resource from './resource-service.ts';
import type { Log, Plugin, Properties } from './resource-type.ts';
import { unary } from './unary.ts';

/** The engine's own limit (400 MiB), so that no resource that it accepts is refused here. */
const LARGEST_MESSAGE = 400 * 1024 * 1024;
const LOOK_FOR_ENGINE_MS = 500;
/** How long cancelled work gets to clean up behind itself once the engine is gone. */
const LAST_WORDS_MS = 3000;

/**
 * Serves a plug-in to the engine that started this process: listens on loopback, prints the port as
 * the protocol asks, and runs until the engine ends it. Ends by itself when the engine is gone, so
 * that a killed engine leaves no plug-in and no build behind.
 */
export async function serve(create: () => Plugin): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
  const { port, cancel } = await startPluginServer(create, engineAddress);
  endWithEngine(cancel, engineAddress);
  console.log(String(port));
  // Where there is one (NODE_COMPILE_CACHE): Node writes it at the end, which the engine never waits for.
  flushCompileCache();
}

/** A plug-in that listens on a port of 127.0.0.1. */
export interface PluginServer {
  readonly port: number;
  /** Ends all work under way. */
  readonly cancel: (reason: string) => void;
}

/**
 * Starts a server for one plug-in and the engine at `engineAddress`. Without an address, any number of
 * engines can attach, as PULUMI_DEBUG_PROVIDERS tells them to: then each provider of each engine is a
 * connection of its own, and gets a plug-in of its own.
 */
export async function startPluginServer(
  create: () => Plugin,
  engineAddress?: string,
): Promise<PluginServer> {
  const only = engineAddress === undefined ? undefined : connect(create(), engineAddress);
  const attached = new Map<string, Connection>();
  const connectionOf = (peer: string) => {
    const found = only ?? attached.get(peer) ?? connect(create(), undefined);
    if (only === undefined) attached.set(peer, found);
    return found;
  };
  /** A later engine may get the port of one that is gone: what it attaches to is always new. */
  const attach = (peer: string, address: string) => {
    if (only !== undefined) return;
    const connection = connect(create(), address);
    attached.set(peer, connection);
    void endOf(address).then(() => {
      connection.cancellation.abort(new Error('the engine is gone'));
      if (attached.get(peer) === connection) attached.delete(peer);
    });
  };
  const server = new grpc.Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE,
    'grpc.max_send_message_length': LARGEST_MESSAGE,
  });
  server.addService(providerGrpc.ResourceProviderService, service(connectionOf, attach));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    cancel(reason) {
      only?.cancellation.abort(new Error(reason));
    },
  };
}

/** What is kept for one connection. */
interface Connection extends resource.ServiceContext {
  readonly cancellation: AbortController;
}

function connect(plugin: Plugin, engineAddress: string | undefined): Connection {
  const silent: Log = () => undefined;
  const cancellation = new AbortController();
  const logFor = engineAddress === undefined ? () => silent : connectEngineLog(engineAddress);
  return { plugin, cancellation, signal: cancellation.signal, logFor };
}

/** Resolves when no engine listens at that address any more. */
async function endOf(engineAddress: string): Promise<void> {
  while (await isListening(engineAddress)) await pause(LOOK_FOR_ENGINE_MS);
}

function service(
  connectionOf: (peer: string) => Connection,
  attach: (peer: string, engineAddress: string) => void,
): grpc.UntypedServiceImplementation {
  return {
    getPluginInfo: unary((_, peer) => {
      const response = new pluginPb.PluginInfo();
      response.setVersion(connectionOf(peer).plugin.version);
      return response;
    }),
    getSchema: unary((_, peer) => {
      const { name, version } = connectionOf(peer).plugin;
      const response = new providerPb.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name, version }));
      return response;
    }),
    checkConfig: unary((request: providerPb.CheckRequest, peer) => {
      const { plugin } = connectionOf(peer);
      const news = propertiesFromStruct(request.getNews());
      const response = new providerPb.CheckResponse();
      response.setInputs(structFromProperties(withSecrets(news, plugin.secretSettings)));
      response.setFailuresList(resource.failureMessages(plugin.checkConfig?.(news) ?? []));
      return response;
    }),
    diffConfig: unary((request: providerPb.DiffRequest, peer) => {
      const { plugin } = connectionOf(peer);
      const olds = propertiesFromStruct(request.getOldInputs());
      const news = propertiesFromStruct(request.getNews());
      return resource.diffResponse(plugin.diffConfig?.(olds, news) ?? { changed: [] });
    }),
    configure: unary(async (request: providerPb.ConfigureRequest, peer) => {
      await connectionOf(peer).plugin.configure?.(propertiesFromStruct(request.getArgs()));
      const response = new providerPb.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    cancel: unary((_, peer) => {
      connectionOf(peer).cancellation.abort(new Error('the run was cancelled'));
      return new emptyPb.Empty();
    }),
    attach: unary((request: pluginPb.PluginAttach, peer) => {
      attach(peer, request.getAddress());
      return new emptyPb.Empty();
    }),
    check: unary((request: providerPb.CheckRequest, peer) =>
      resource.checkResource(connectionOf(peer), request),
    ),
    diff: unary((request: providerPb.DiffRequest, peer) =>
      resource.diffResource(connectionOf(peer), request),
    ),
    create: unary((request: providerPb.CreateRequest, peer) =>
      resource.createResource(connectionOf(peer), request),
    ),
    read: unary((request: providerPb.ReadRequest, peer) =>
      resource.readResource(connectionOf(peer), request),
    ),
    update: unary((request: providerPb.UpdateRequest, peer) =>
      resource.updateResource(connectionOf(peer), request),
    ),
    delete: unary((request: providerPb.DeleteRequest, peer) =>
      resource.deleteResource(connectionOf(peer), request),
    ),
    invoke: unary((request: providerPb.InvokeRequest, peer) =>
      resource.callFunction(connectionOf(peer), request),
    ),
  };
}

function withSecrets(settings: Properties, names: readonly string[] = []): Properties {
  const entries = Object.entries(settings);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, names.includes(name) ? secretOf(value) : value]),
  );
}

function endWithEngine(cancel: PluginServer['cancel'], engineAddress: string | undefined): void {
  const engine = process.ppid;
  const end = () => {
    clearInterval(watch);
    cancel('the engine is gone');
    setTimeout(() => process.exit(1), LAST_WORDS_MS);
  };
  const watch = setInterval(() => {
    if (process.ppid !== engine) end();
  }, LOOK_FOR_ENGINE_MS);
  if (engineAddress === undefined) return;
  // Killed while this process started, it was the parent of before: no other change would ever follow.
  void isListening(engineAddress).then((isThere) => {
    if (!isThere) end();
  });
}
