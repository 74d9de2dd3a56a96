import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import grpc from '@grpc/grpc-js';
import providerGrpc from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import type structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import { propertiesFromStruct, structFromProperties } from '../../infra/oci/protocol/properties.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { pluginFolder } from '../../infra/toolchain/plugins.ts';

const URN = 'urn:pulumi:s::p::docker:index/image:Image::app';
const PROVIDER = 'urn:pulumi:s::p::pulumi:providers:docker::default';

type Struct = structPb.Struct | undefined;
type Settings = Readonly<Record<string, string>>;

/** A `docker.Image` as the state has it. */
interface ImageState {
  readonly id: string;
  readonly inputs: Struct;
  readonly outputs: Struct;
}

/** A docker plug-in, official or stand-in, by the calls of an engine. Each rejects with the plug-in's error. */
export interface DockerPlugIn {
  configure(settings: Settings): Promise<unknown>;
  diffConfig(olds: Settings, news: Settings): Promise<providerPb.DiffResponse>;
  /** Completes the inputs of an image, as the other calls get them. */
  check(inputs: Properties): Promise<Struct>;
  diff(old: ImageState, news: Struct): Promise<providerPb.DiffResponse>;
  create(inputs: Struct): Promise<ImageState>;
  update(old: ImageState, news: Struct): Promise<ImageState>;
  end(): void;
}

export async function startDockerPlugIn(
  pulumiHome: string,
  env: NodeJS.ProcessEnv,
): Promise<DockerPlugIn> {
  const executable = join(pluginFolder(pulumiHome, 'docker'), 'pulumi-resource-docker');
  const child = spawn(executable, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const client = new providerGrpc.ResourceProviderClient(
    `127.0.0.1:${port}`,
    grpc.credentials.createInsecure(),
  );
  return {
    async configure(settings) {
      const check = new providerPb.CheckRequest()
        .setUrn(PROVIDER)
        .setOlds(structFromProperties({}))
        .setNews(structFromProperties(settings));
      const checked = await response<providerPb.CheckResponse>((done) =>
        client.checkConfig(check, done),
      );
      const [failure] = checked.getFailuresList();
      if (failure !== undefined) throw new Error(failure.getReason());
      const inputs = checked.getInputs();
      // The engine sends settings as properties and as variables.
      const request = new providerPb.ConfigureRequest().setArgs(inputs);
      for (const [name, value] of Object.entries(propertiesFromStruct(inputs))) {
        if (typeof value === 'string')
          request.getVariablesMap().set(`docker:config:${name}`, value);
      }
      return response<providerPb.ConfigureResponse>((done) => client.configure(request, done));
    },
    diffConfig(olds, news) {
      const old = structFromProperties(olds);
      const state = { id: 'default', inputs: old, outputs: old };
      const request = diffRequest(PROVIDER, state, structFromProperties(news));
      return response((done) => client.diffConfig(request, done));
    },
    async check(inputs) {
      const request = new providerPb.CheckRequest()
        .setUrn(URN)
        .setOlds(structFromProperties({}))
        .setNews(structFromProperties(inputs));
      const checked = await response<providerPb.CheckResponse>((done) =>
        client.check(request, done),
      );
      return checked.getInputs();
    },
    diff: (old, news) => response((done) => client.diff(diffRequest(URN, old, news), done)),
    async create(inputs) {
      const request = new providerPb.CreateRequest().setUrn(URN).setProperties(inputs);
      const created = await response<providerPb.CreateResponse>((done) =>
        client.create(request, done),
      );
      return { id: created.getId(), inputs, outputs: created.getProperties() };
    },
    async update({ id, inputs, outputs }, news) {
      const request = new providerPb.UpdateRequest()
        .setId(id)
        .setUrn(URN)
        .setOldInputs(inputs)
        .setOlds(outputs)
        .setNews(news);
      const updated = await response<providerPb.UpdateResponse>((done) =>
        client.update(request, done),
      );
      return { id, inputs: news, outputs: updated.getProperties() };
    },
    end() {
      client.close();
      child.kill();
    },
  };
}

function diffRequest(urn: string, { id, inputs, outputs }: ImageState, news: Struct) {
  return new providerPb.DiffRequest()
    .setId(id)
    .setUrn(urn)
    .setOldInputs(inputs)
    .setOlds(outputs)
    .setNews(news);
}

/** The response to a call; rejects with its error. */
function response<Response>(
  send: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
}
