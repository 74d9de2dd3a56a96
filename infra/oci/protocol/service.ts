import type grpc from '@grpc/grpc-js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { propertiesFromStruct, secretOf, structFromProperties } from './properties.ts';
import type {
  CheckFailure,
  Difference,
  Log,
  Plugin,
  Properties,
  ResourceType,
} from './resource-type.ts';
import { unary } from './unary.ts';

/** What belongs to one connection of one engine. */
export interface Connection {
  readonly plugin: Plugin;
  readonly logFor: (urn: string) => Log;
  /** Aborted when the engine cancels the run or is gone. */
  readonly cancellation: AbortController;
}

/** The calls of the plug-in protocol (`ResourceProvider` in provider.proto). `peer` names a connection. */
export function providerService(
  connectionOf: (peer: string) => Connection,
  attach: (peer: string, engineAddress: string) => void,
): grpc.UntypedServiceImplementation {
  // Each call has a request of its own type, which gRPC does not check: `never` lets them all pass.
  const call = (respond: (connection: Connection, request: never) => unknown) =>
    unary((request: never, peer) => respond(connectionOf(peer), request));
  return {
    getPluginInfo: call(({ plugin }) => new pluginPb.PluginInfo().setVersion(plugin.version)),
    getSchema: call(({ plugin: { name, version, schema } }) =>
      new providerPb.GetSchemaResponse().setSchema(JSON.stringify({ name, version, ...schema })),
    ),
    checkConfig: call(checkConfig),
    diffConfig: call(diffConfig),
    configure: call(configure),
    cancel: call(({ cancellation }) => {
      cancellation.abort(new Error('the run was cancelled'));
      return new emptyPb.Empty();
    }),
    attach: unary((request: pluginPb.PluginAttach, peer) => {
      attach(peer, request.getAddress());
      return new emptyPb.Empty();
    }),
    check: call(check),
    diff: call(diff),
    create: call(create),
    read: call(read),
    update: call(update),
    delete: call(remove),
    invoke: call(invoke),
  };
}

function checkConfig({ plugin }: Connection, request: providerPb.CheckRequest) {
  const news = propertiesFromStruct(request.getNews());
  const inputs = Object.entries(news).map(
    ([name, value]) =>
      [name, plugin.secretSettings?.includes(name) ? secretOf(value) : value] as const,
  );
  return checkResponse(Object.fromEntries(inputs), plugin.checkConfig?.(news));
}

function diffConfig({ plugin }: Connection, request: providerPb.DiffRequest) {
  const olds = propertiesFromStruct(request.getOldInputs());
  const news = propertiesFromStruct(request.getNews());
  return diffResponse(plugin.diffConfig?.(olds, news) ?? { changed: [] });
}

async function configure({ plugin }: Connection, request: providerPb.ConfigureRequest) {
  await plugin.configure?.(propertiesFromStruct(request.getArgs()));
  return new providerPb.ConfigureResponse().setSupportspreview(true);
}

async function check(connection: Connection, request: providerPb.CheckRequest) {
  const { urn, type, log } = resourceOf(connection, request);
  const news = propertiesFromStruct(request.getNews());
  const kept = propertiesFromStruct(request.getOlds());
  // The engine sends an empty struct for a resource that is new.
  const olds = Object.keys(kept).length > 0 ? kept : undefined;
  const checked = await type.check?.({ urn, olds, news, log });
  return checkResponse(checked?.inputs ?? news, checked?.failures);
}

async function diff(connection: Connection, request: providerPb.DiffRequest) {
  const { type, ...context } = resourceOf(connection, request);
  const difference = await type.diff({
    ...context,
    id: request.getId(),
    oldInputs: propertiesFromStruct(request.getOldInputs()),
    oldOutputs: propertiesFromStruct(request.getOlds()),
    news: propertiesFromStruct(request.getNews()),
  });
  return diffResponse(difference);
}

async function create(connection: Connection, request: providerPb.CreateRequest) {
  const { type, ...context } = resourceOf(connection, request);
  const created = await type.create({
    ...context,
    inputs: propertiesFromStruct(request.getProperties()),
    preview: request.getPreview(),
  });
  return new providerPb.CreateResponse()
    .setId(created.id)
    .setProperties(structFromProperties(created.outputs))
    .setRefreshBeforeUpdate(created.refreshBeforeUpdate ?? false);
}

async function read(connection: Connection, request: providerPb.ReadRequest) {
  const { type, ...context } = resourceOf(connection, request);
  const id = request.getId();
  const state = await type.read({
    ...context,
    id,
    inputs: propertiesFromStruct(request.getInputs()),
    outputs: propertiesFromStruct(request.getProperties()),
  });
  // Without an id, the resource is gone.
  if (state === undefined) return new providerPb.ReadResponse();
  return new providerPb.ReadResponse()
    .setId(state.id ?? id)
    .setInputs(structFromProperties(state.inputs))
    .setProperties(structFromProperties(state.outputs))
    .setRefreshBeforeUpdate(state.refreshBeforeUpdate ?? false);
}

async function update(connection: Connection, request: providerPb.UpdateRequest) {
  const { type, ...context } = resourceOf(connection, request);
  if (type.update === undefined) {
    throw new Error(`${typeToken(context.urn)} cannot be updated in place`);
  }
  const outputs = await type.update({
    ...context,
    id: request.getId(),
    oldInputs: propertiesFromStruct(request.getOldInputs()),
    oldOutputs: propertiesFromStruct(request.getOlds()),
    news: propertiesFromStruct(request.getNews()),
    preview: request.getPreview(),
  });
  return new providerPb.UpdateResponse()
    .setProperties(structFromProperties(outputs))
    .setRefreshBeforeUpdate(type.mustReadAgain?.(outputs) ?? false);
}

async function remove(connection: Connection, request: providerPb.DeleteRequest) {
  const { type, ...context } = resourceOf(connection, request);
  const outputs = propertiesFromStruct(request.getProperties());
  await type.delete({ ...context, id: request.getId(), outputs });
  return new emptyPb.Empty();
}

async function invoke({ plugin, cancellation }: Connection, request: providerPb.InvokeRequest) {
  const token = request.getTok();
  const run = plugin.functions?.[token];
  if (run === undefined) throw new Error(`plug-in ${plugin.name} has no function ${token}`);
  const { signal } = cancellation;
  const outputs = await run(propertiesFromStruct(request.getArgs()), { signal });
  return new providerPb.InvokeResponse().setReturn(structFromProperties(outputs));
}

function resourceOf(
  { plugin, logFor, cancellation }: Connection,
  request: { getUrn(): string },
): { urn: string; type: ResourceType; log: Log; signal: AbortSignal } {
  const urn = request.getUrn();
  const type = plugin.resources[typeToken(urn)];
  if (type === undefined) {
    throw new Error(`plug-in ${plugin.name} has no resource type ${typeToken(urn)}`);
  }
  return { urn, type, log: logFor(urn), signal: cancellation.signal };
}

/** The type is the last `$` part of a URN's third field: `urn:pulumi:stack::project::parent$type::name`. */
function typeToken(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

function checkResponse(inputs: Properties, failures: readonly CheckFailure[] = []) {
  const messages = failures.map(({ property, reason }) =>
    new providerPb.CheckFailure().setProperty(property).setReason(reason),
  );
  return new providerPb.CheckResponse()
    .setInputs(structFromProperties(inputs))
    .setFailuresList(messages);
}

function diffResponse({ changed, replaces = [] }: Difference) {
  const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
  const { UPDATE, UPDATE_REPLACE } = providerPb.PropertyDiff.Kind;
  const response = new providerPb.DiffResponse()
    .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList([...changed])
    .setReplacesList([...replaces])
    .setHasdetaileddiff(changed.length > 0);
  for (const property of changed) {
    const kind = replaces.includes(property) ? UPDATE_REPLACE : UPDATE;
    const detail = new providerPb.PropertyDiff().setKind(kind).setInputdiff(true);
    response.getDetaileddiffMap().set(property, detail);
  }
  return response;
}
