import grpc from '@grpc/grpc-js';
import providerPb from '@pulumi/pulumi/proto/provider_pb.js';
import statusPb from '@pulumi/pulumi/proto/status_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import { structFromProperties } from './properties.ts';
import type { Properties } from './resource-type.ts';
import { messageOf } from '../../../src/problem.ts';

/**
 * Makes a gRPC call of a function from request to response; `peer` names the connection. An error reaches
 * the engine as its message, without a stack trace.
 */
// gRPC does not check the type of the request: the caller has to pass the right one.
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
          const message = messageOf(error);
          const failure = { code: grpc.status.UNKNOWN, message, details: message };
          const isUnfinished = error instanceof UnfinishedError;
          callback(isUnfinished ? { ...failure, metadata: unfinishedMetadata(error) } : failure);
        },
      );
  };
}

/**
 * A failure that leaves an unfinished resource behind. The engine shows the message, keeps the resource
 * in the state, and calls `update` in the next run whether or not there is a difference.
 */
export class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
  readonly id: string;
  readonly inputs: Properties;
  /** The known outputs of the resource. */
  readonly outputs: Properties;

  constructor(cause: unknown, left: { id: string; inputs: Properties; outputs: Properties }) {
    super(messageOf(cause), { cause });
    this.id = left.id;
    this.inputs = left.inputs;
    this.outputs = left.outputs;
  }
}

/** The error as gRPC carries it to the engine: `ErrorResourceInitFailed` of the plug-in protocol. */
function unfinishedMetadata(error: UnfinishedError): grpc.Metadata {
  const detail = new providerPb.ErrorResourceInitFailed()
    .setId(error.id)
    .setInputs(structFromProperties(error.inputs))
    .setProperties(structFromProperties(error.outputs))
    .setReasonsList([error.message]);
  const packed = new anyPb.Any();
  packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const status = new statusPb.Status().setCode(grpc.status.UNKNOWN).setMessage(error.message);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status.serializeBinary()));
  return metadata;
}
