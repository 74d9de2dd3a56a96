import grpc from '@grpc/grpc-js';
import engineGrpc from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import enginePb from '@pulumi/pulumi/proto/engine_pb.js';
import type { Log } from './resource-type.ts';
import { connect } from 'node:net';

const { INFO, WARNING, ERROR } = enginePb.LogSeverity;
const SEVERITY = { status: INFO, info: INFO, warning: WARNING, error: ERROR } as const;

/**
 * Returns a `Log` for a resource. Its lines arrive in order, and nothing waits for them: a slow display or
 * an engine that is gone must not delay or fail the work itself.
 */
export function connectEngineLog(engineAddress: string): (urn: string) => Log {
  const engine = new engineGrpc.EngineClient(engineAddress, grpc.credentials.createInsecure());
  const send = (request: enginePb.LogRequest) =>
    new Promise<void>((resolve) => {
      engine.log(request, () => {
        resolve();
      });
    });
  return (urn) => {
    let sent = Promise.resolve();
    return (severity, message) => {
      const request = new enginePb.LogRequest()
        .setSeverity(SEVERITY[severity])
        .setMessage(message)
        .setUrn(urn)
        .setEphemeral(severity === 'status');
      sent = sent.then(() => send(request));
    };
  };
}

/** Whether a server listens at an address on this machine, such as `127.0.0.1:40485`. */
export function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
