import type grpc from '@grpc/grpc-js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { propertiesFromStruct, secretOf, structFromProperties } from './properties.ts';
import type {
  Call,
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
    checkConfig: call(({ plugin }, request: providerPb.CheckRequest) => {
      const news = propertiesFromStruct(request.getNews());
      const secrets = plugin.secretSettings?.filter((name) => name in news) ?? [];
      const marked = secrets.map((name) => [name, secretOf(news[name] ?? null)] as const);
      const inputs = { ...news, ...Object.fromEntries(marked) };
      return checkResponse(inputs, plugin.checkConfig?.(news));
    }),
    diffConfig: call(({ plugin }, request: providerPb.DiffRequest) => {
      const olds = propertiesFromStruct(request.getOldInputs());
      const news = propertiesFromStruct(request.getNews());
      return diffResponse(plugin.diffConfig?.(olds, news) ?? { changed: [] });
    }),
    configure: call(async ({ plugin }, request: providerPb.ConfigureRequest) => {
      await plugin.configure?.(propertiesFromStruct(request.getArgs()));
      return new providerPb.ConfigureResponse().setSupportspreview(true);
    }),
    cancel: call(({ cancellation }) => {
      cancellation.abort(new Error('the run was cancelled'));
      return new emptyPb.Empty();
    }),
    attach: unary((request: pluginPb.PluginAttach, peer) => {
      attach(peer, request.getAddress());
      return new emptyPb.Empty();
    }),
    check: call(check),
    diff: call(async (connection, request: providerPb.DiffRequest) => {
      const [type, context] = resourceOf(connection, request);
      return diffResponse(await type.diff({ ...context, ...changeOf(request) }));
    }),
    create: call(create),
    read: call(read),
    update: call(update),
    delete: call(async (connection, request: providerPb.DeleteRequest) => {
      const [type, context] = resourceOf(connection, request);
      const outputs = propertiesFromStruct(request.getProperties());
      await type.delete?.({ ...context, id: request.getId(), outputs });
      return new emptyPb.Empty();
    }),
    invoke: call(invoke),
  };
}

async function check(connection: Connection, request: providerPb.CheckRequest) {
  const [type, context] = resourceOf(connection, request);
  const news = propertiesFromStruct(request.getNews());
  const kept = propertiesFromStruct(request.getOlds());
  // The engine sends an empty struct for a resource that is new.
  const olds = Object.keys(kept).length > 0 ? kept : undefined;
  const checked = await type.check?.({ ...context, olds, news });
  return checkResponse(checked?.inputs ?? news, checked?.failures);
}

async function create(connection: Connection, request: providerPb.CreateRequest) {
  const [type, context] = resourceOf(connection, request);
  const inputs = propertiesFromStruct(request.getProperties());
  const created = await type.create({ ...context, inputs, preview: request.getPreview() });
  return withOutputs(new providerPb.CreateResponse().setId(created.id), type, created.outputs);
}

async function read(connection: Connection, request: providerPb.ReadRequest) {
  const [type, context] = resourceOf(connection, request);
  const id = request.getId();
  const inputs = propertiesFromStruct(request.getInputs());
  const outputs = propertiesFromStruct(request.getProperties());
  const state = type.read
    ? await type.read({ ...context, id, inputs, outputs })
    : { inputs, outputs };
  // Without an id, the resource is gone.
  if (state === undefined) return new providerPb.ReadResponse();
  const response = new providerPb.ReadResponse()
    .setId(state.id ?? id)
    .setInputs(structFromProperties(state.inputs));
  return withOutputs(response, type, state.outputs);
}

async function update(connection: Connection, request: providerPb.UpdateRequest) {
  const [type, context] = resourceOf(connection, request);
  const change = { ...context, ...changeOf(request), preview: request.getPreview() };
  return withOutputs(new providerPb.UpdateResponse(), type, await type.update(change));
}

async function invoke({ plugin, cancellation }: Connection, request: providerPb.InvokeRequest) {
  const token = request.getTok();
  const run = plugin.functions?.[token];
  if (run === undefined) throw new Error(`plug-in ${plugin.name} has no function ${token}`);
  const { signal } = cancellation;
  const outputs = await run(propertiesFromStruct(request.getArgs()), { signal });
  return new providerPb.InvokeResponse().setReturn(structFromProperties(outputs));
}

/** The type of the resource that a request is for, and what all of its calls come with. */
function resourceOf(
  { plugin, logFor, cancellation }: Connection,
  request: { getUrn(): string; getTimeout?(): number },
): readonly [ResourceType, Call] {
  const urn = request.getUrn();
  // The last `$` part of a URN's third field: `urn:pulumi:stack::project::parent$type::name`.
  const token = urn.split('::')[2]?.split('$').at(-1) ?? '';
  const type = plugin.resources[token];
  if (type === undefined) throw new Error(`plug-in ${plugin.name} has no resource type ${token}`);
  // gRPC has no absent numbers.
  const seconds = request.getTimeout?.() ?? 0;
  const timeout = seconds > 0 ? seconds : undefined;
  return [type, { urn, log: logFor(urn), signal: cancellation.signal, timeout }];
}

function changeOf(request: providerPb.DiffRequest | providerPb.UpdateRequest) {
  return {
    id: request.getId(),
    oldInputs: propertiesFromStruct(request.getOldInputs()),
    oldOutputs: propertiesFromStruct(request.getOlds()),
    news: propertiesFromStruct(request.getNews()),
  };
}

function withOutputs<
  Response extends providerPb.CreateResponse | providerPb.ReadResponse | providerPb.UpdateResponse,
>(response: Response, type: ResourceType, outputs: Properties): Response {
  response.setProperties(structFromProperties(outputs));
  response.setRefreshBeforeUpdate(type.refreshBeforeUpdate?.(outputs) ?? false);
  return response;
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
