import pulumi from '@pulumi/pulumi';

/**
 * Leaves out where each resource is declared. The SDK sends the whole call stack of every resource, and the engine
 * keeps it in the state, with the paths of the machine: a quarter of what it writes at each step of an `up`. It shows
 * the places in no message.
 */
export function withoutSourcePositions(): void {
  Object.assign(pulumi.Resource, { stackTrace: () => [] });
}
