import grpc from '@grpc/grpc-js';
import { UnfinishedError, unfinishedMetadata } from './unfinished-error.ts';

/**
 * Makes a gRPC call of a function from request to response; `peer` tells one connection from another. Every
 * failure reaches the engine as its message: a stack trace of ours helps nobody there.
 */
// The service is untyped to gRPC; the request's type is the caller's word.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function unary<Request, Response>(
  respond: (request: Request, peer: string) => Response | Promise<Response>,
): grpc.UntypedHandleCall {
  return (
    call: grpc.ServerUnaryCall<Request, Response>,
    callback: grpc.sendUnaryData<Response>,
  ) => {
    Promise.resolve(call.request)
      .then((request) => respond(request, call.getPeer()))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          const failure = { code: grpc.status.UNKNOWN, message, details: message };
          const isUnfinished = error instanceof UnfinishedError;
          callback(isUnfinished ? { ...failure, metadata: unfinishedMetadata(error) } : failure);
        },
      );
  };
}
