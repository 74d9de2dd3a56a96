import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { propertiesFromStruct, structFromProperties } from './properties.ts';
import type { CheckFailure, Difference, Log, Plugin, ResourceType } from './resource-type.ts';

/** What the resource calls need besides their request. */
export interface ServiceContext {
  readonly plugin: Plugin;
  readonly logFor: (urn: string) => Log;
  /** Aborted when the engine cancels the run or has gone away. */
  readonly signal: AbortSignal;
}

export async function checkResource(
  context: ServiceContext,
  request: providerPb.CheckRequest,
): Promise<providerPb.CheckResponse> {
  const { logFor } = context;
  const urn = request.getUrn();
  const news = propertiesFromStruct(request.getNews());
  const kept = propertiesFromStruct(request.getOlds());
  // The engine sends an empty struct for a resource that is new.
  const olds = Object.keys(kept).length > 0 ? kept : undefined;
  const checked = (await typeOf(context, urn).check?.({ urn, olds, news, log: logFor(urn) })) ?? {
    inputs: news,
  };
  const response = new providerPb.CheckResponse();
  response.setInputs(structFromProperties(checked.inputs));
  response.setFailuresList(failureMessages(checked.failures ?? []));
  return response;
}

export async function diffResource(
  context: ServiceContext,
  request: providerPb.DiffRequest,
): Promise<providerPb.DiffResponse> {
  const urn = request.getUrn();
  return diffResponse(
    await typeOf(context, urn).diff({
      id: request.getId(),
      urn,
      oldInputs: propertiesFromStruct(request.getOldInputs()),
      oldOutputs: propertiesFromStruct(request.getOlds()),
      news: propertiesFromStruct(request.getNews()),
      signal: context.signal,
    }),
  );
}

export async function createResource(
  context: ServiceContext,
  request: providerPb.CreateRequest,
): Promise<providerPb.CreateResponse> {
  const { logFor, signal } = context;
  const urn = request.getUrn();
  const created = await typeOf(context, urn).create({
    urn,
    inputs: propertiesFromStruct(request.getProperties()),
    preview: request.getPreview(),
    log: logFor(urn),
    signal,
  });
  const response = new providerPb.CreateResponse();
  response.setId(created.id);
  response.setProperties(structFromProperties(created.outputs));
  response.setRefreshBeforeUpdate(created.refreshBeforeUpdate ?? false);
  return response;
}

export async function readResource(
  context: ServiceContext,
  request: providerPb.ReadRequest,
): Promise<providerPb.ReadResponse> {
  const { signal } = context;
  const urn = request.getUrn();
  const id = request.getId();
  const state = await typeOf(context, urn).read({
    id,
    urn,
    inputs: propertiesFromStruct(request.getInputs()),
    outputs: propertiesFromStruct(request.getProperties()),
    signal,
  });
  const response = new providerPb.ReadResponse();
  // An empty id is how the protocol says "gone".
  if (state === undefined) return response;
  response.setId(state.id ?? id);
  response.setInputs(structFromProperties(state.inputs));
  response.setProperties(structFromProperties(state.outputs));
  response.setRefreshBeforeUpdate(state.refreshBeforeUpdate ?? false);
  return response;
}

export async function updateResource(
  context: ServiceContext,
  request: providerPb.UpdateRequest,
): Promise<providerPb.UpdateResponse> {
  const { logFor, signal } = context;
  const urn = request.getUrn();
  const type = typeOf(context, urn);
  if (type.update === undefined) throw new Error(`${typeToken(urn)} cannot be updated in place`);
  const outputs = await type.update({
    id: request.getId(),
    urn,
    oldInputs: propertiesFromStruct(request.getOldInputs()),
    oldOutputs: propertiesFromStruct(request.getOlds()),
    news: propertiesFromStruct(request.getNews()),
    preview: request.getPreview(),
    log: logFor(urn),
    signal,
  });
  const response = new providerPb.UpdateResponse();
  response.setProperties(structFromProperties(outputs));
  response.setRefreshBeforeUpdate(type.mustReadAgain?.(outputs) ?? false);
  return response;
}

export async function deleteResource(
  context: ServiceContext,
  request: providerPb.DeleteRequest,
): Promise<emptyPb.Empty> {
  const { logFor, signal } = context;
  const urn = request.getUrn();
  await typeOf(context, urn).delete({
    id: request.getId(),
    urn,
    outputs: propertiesFromStruct(request.getProperties()),
    log: logFor(urn),
    signal,
  });
  return new emptyPb.Empty();
}

export async function callFunction(
  { plugin, signal }: ServiceContext,
  request: providerPb.InvokeRequest,
): Promise<providerPb.InvokeResponse> {
  const call = plugin.functions?.[request.getTok()];
  if (call === undefined) {
    throw new Error(`plug-in ${plugin.name} has no function ${request.getTok()}`);
  }
  const response = new providerPb.InvokeResponse();
  const outputs = await call(propertiesFromStruct(request.getArgs()), { signal });
  response.setReturn(structFromProperties(outputs));
  return response;
}

function typeOf({ plugin }: ServiceContext, urn: string): ResourceType {
  const token = typeToken(urn);
  const type = plugin.resources[token];
  if (type === undefined) throw new Error(`plug-in ${plugin.name} has no resource type ${token}`);
  return type;
}

/** The type is the last `$` part of a URN's third field: `urn:pulumi:stack::project::parent$type::name`. */
function typeToken(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

export function failureMessages(failures: readonly CheckFailure[]): providerPb.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new providerPb.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

export function diffResponse({ changed, replaces = [] }: Difference): providerPb.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
  const { UPDATE, UPDATE_REPLACE } = providerPb.PropertyDiff.Kind;
  const response = new providerPb.DiffResponse();
  response.setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList([...changed]);
  response.setReplacesList([...replaces]);
  for (const property of changed) {
    const detail = new providerPb.PropertyDiff();
    detail.setKind(replaces.includes(property) ? UPDATE_REPLACE : UPDATE);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(property, detail);
  }
  response.setHasdetaileddiff(changed.length > 0);
  return response;
}
