import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js';
import languagePb from '@pulumi/pulumi/proto/language_pb.js';
import pluginPb from '@pulumi/pulumi/proto/plugin_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import { unary } from '../../../oci/protocol/unary.ts';
import { runProgram } from './run-program.ts';

/**
 * Starts a language host on 127.0.0.1, and returns its port. `engineAddress` is the engine that started
 * this process. An engine that has the port from PULUMI_DEBUG_LANGUAGES sends its address in the handshake.
 */
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

/**
 * The methods that an engine calls to preview, update, refresh and destroy. Code generation, templates
 * and packaging are left out: gRPC responds "unimplemented" to those, and the engine explains it.
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
    getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion('1.0.0')),
    // Both are empty: the engine would try to download the plug-ins in such a list, and this host is
    // in use only where it can't. The engine finds plug-ins when a resource first needs them.
    getRequiredPackages: unary(() => new languagePb.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new languagePb.GetRequiredPluginsResponse()),
    runtimeOptionsPrompts: unary(() => new languagePb.RuntimeOptionsResponse()),
    about: unary(() =>
      new languagePb.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    ),
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

/** The direct dependencies, as `pulumi about` prints them, with the versions of package.json. */
function programDependencies(
  request: languagePb.GetProgramDependenciesRequest,
): languagePb.GetProgramDependenciesResponse {
  const root = request.getInfo()?.getRootDirectory() ?? request.getPwd();
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return new languagePb.GetProgramDependenciesResponse().setDependenciesList(
    Object.entries(dependencies).map(([name, version]) =>
      new languagePb.DependencyInfo().setName(name).setVersion(version),
    ),
  );
}
