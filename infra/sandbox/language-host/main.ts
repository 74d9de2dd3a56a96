import grpc from '@grpc/grpc-js';
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js';
import { languageService } from './language-service.ts';

/**
 * The language host for TypeScript programs, for engines that came without the official one.
 *
 * Protocol between engine and plug-in: the engine's address is the last argument, the port goes to
 * standard output as the first line, everything after that is the program's own output. The engine
 * holds the other end of standard input, so its end of file says that the engine is gone, however
 * it went.
 */
const engineAddress = process.argv.at(-1) ?? '';
const server = new grpc.Server();
server.addService(languageGrpc.LanguageRuntimeService, languageService(engineAddress));
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(String(port));
});
process.stdin.on('close', () => process.exit(0)).resume();
