import { flushCompileCache } from 'node:module';
import grpc from '@grpc/grpc-js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { connectEngineLog } from './engine-log.ts';
import { isListening } from './is-listening.ts';
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
export async function serve(plugin: Plugin): Promise<void> {
  const cancellation = new AbortController();
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
  const server = new grpc.Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE,
    'grpc.max_send_message_length': LARGEST_MESSAGE,
  });
  server.addService(
    providerGrpc.ResourceProviderService,
    service(plugin, cancellation, engineAddress),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  endWithEngine(cancellation, engineAddress);
  console.log(String(port));
  // Where there is one (NODE_COMPILE_CACHE): Node writes it at the end, which the engine never waits for.
  flushCompileCache();
}

function service(
  plugin: Plugin,
  cancellation: AbortController,
  engineAddress: string | undefined,
): grpc.UntypedServiceImplementation {
  const silent: Log = () => undefined;
  const logFor = engineAddress === undefined ? () => silent : connectEngineLog(engineAddress);
  const context: resource.ServiceContext = { plugin, logFor, signal: cancellation.signal };

  return {
    getPluginInfo: unary(() => {
      const response = new pluginPb.PluginInfo();
      response.setVersion(plugin.version);
      return response;
    }),
    getSchema: unary(() => {
      const response = new providerPb.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: plugin.name, version: plugin.version }));
      return response;
    }),
    checkConfig: unary((request: providerPb.CheckRequest) => {
      const news = propertiesFromStruct(request.getNews());
      const response = new providerPb.CheckResponse();
      response.setInputs(structFromProperties(withSecrets(news, plugin.secretSettings)));
      response.setFailuresList(resource.failureMessages(plugin.checkConfig?.(news) ?? []));
      return response;
    }),
    diffConfig: unary((request: providerPb.DiffRequest) => {
      const olds = propertiesFromStruct(request.getOldInputs());
      const news = propertiesFromStruct(request.getNews());
      return resource.diffResponse(plugin.diffConfig?.(olds, news) ?? { changed: [] });
    }),
    configure: unary(async (request: providerPb.ConfigureRequest) => {
      await plugin.configure?.(propertiesFromStruct(request.getArgs()));
      const response = new providerPb.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    cancel: unary(() => {
      cancellation.abort(new Error('the run was cancelled'));
      return new emptyPb.Empty();
    }),
    attach: unary(() => new emptyPb.Empty()),
    check: unary((request: providerPb.CheckRequest) => resource.checkResource(context, request)),
    diff: unary((request: providerPb.DiffRequest) => resource.diffResource(context, request)),
    create: unary((request: providerPb.CreateRequest) => resource.createResource(context, request)),
    read: unary((request: providerPb.ReadRequest) => resource.readResource(context, request)),
    update: unary((request: providerPb.UpdateRequest) => resource.updateResource(context, request)),
    delete: unary((request: providerPb.DeleteRequest) => resource.deleteResource(context, request)),
    invoke: unary((request: providerPb.InvokeRequest) => resource.callFunction(context, request)),
  };
}

function withSecrets(settings: Properties, names: readonly string[] = []): Properties {
  const entries = Object.entries(settings);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, names.includes(name) ? secretOf(value) : value]),
  );
}

function endWithEngine(cancellation: AbortController, engineAddress: string | undefined): void {
  const engine = process.ppid;
  const end = () => {
    clearInterval(watch);
    cancellation.abort(new Error('the engine is gone'));
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
