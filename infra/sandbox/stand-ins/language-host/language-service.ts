import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import languagePb from '@pulumi/pulumi/proto/language_pb.js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { unary } from '../../../oci/protocol/unary.ts';
import { runProgram } from './run-program.ts';
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js';

/**
 * What engines ask of a language host to preview, update, refresh and destroy. Code generation,
 * templates and packaging are left out: gRPC answers those with "unimplemented" by itself, which the
 * engine puts into words. `engineAddress` is the engine that started this process; one that was told
 * of it by PULUMI_DEBUG_LANGUAGES names itself in the handshake.
 */
function languageService(engineAddress = ''): grpc.UntypedServiceImplementation {
  const engines = new Map<string, string>();
  const cancellations = new Map<string, AbortController>();
  const cancellationOf = (peer: string) => {
    const found = cancellations.get(peer) ?? new AbortController();
    cancellations.set(peer, found);
    return found;
  };
  return {
    handshake: unary((request: languagePb.LanguageHandshakeRequest, peer) => {
      // A later engine may get the port of one that is gone.
      cancellations.delete(peer);
      engines.set(peer, request.getEngineAddress());
      return new languagePb.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => {
      const response = new pluginPb.PluginInfo();
      response.setVersion('1.0.0');
      return response;
    }),
    // Both empty on purpose: the engine would try to download whatever is listed, and this host is
    // in use only where it can't. Plug-ins are found when a resource first needs them.
    getRequiredPackages: unary(() => new languagePb.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new languagePb.GetRequiredPluginsResponse()),
    runtimeOptionsPrompts: unary(() => new languagePb.RuntimeOptionsResponse()),
    about: unary(about),
    getProgramDependencies: unary(programDependencies),
    run: unary((request: languagePb.RunRequest, peer) => {
      const address = engines.get(peer) ?? engineAddress;
      return runProgram(request, address, cancellationOf(peer).signal);
    }),
    cancel: unary((_, peer) => {
      cancellationOf(peer).abort();
      return new emptyPb.Empty();
    }),
  };
}

function about(): languagePb.AboutResponse {
  const response = new languagePb.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return response;
}

/** The direct dependencies, as `pulumi about` prints them; the versions are the declared ones. */
function programDependencies(
  request: languagePb.GetProgramDependenciesRequest,
): languagePb.GetProgramDependenciesResponse {
  const root = request.getInfo()?.getRootDirectory() ?? request.getPwd();
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const response = new languagePb.GetProgramDependenciesResponse();
  response.setDependenciesList(
    Object.entries(dependencies).map(([name, version]) => {
      const dependency = new languagePb.DependencyInfo();
      dependency.setName(name);
      dependency.setVersion(version);
      return dependency;
    }),
  );
  return response;
}

/** Starts a language host on 127.0.0.1, and returns its port. */
export function startLanguageServer(engineAddress?: string): Promise<number> {
  const server = new grpc.Server();
  server.addService(languageGrpc.LanguageRuntimeService, languageService(engineAddress));
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
