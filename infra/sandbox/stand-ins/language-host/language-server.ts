import grpc from '@grpc/grpc-js';
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js';
import { languageService } from './language-service.ts';

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
