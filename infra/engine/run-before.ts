import pulumi from '@pulumi/pulumi';
import { z } from 'zod';

const Outputs = z.looseObject({
  images: z.record(z.string(), z.unknown()).default({}),
  registry: z.string().optional(),
});
const Resources = z.record(z.string(), z.object({ type: z.string() }));

function stackName(): string {
  return [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join('/');
}

/** The outputs of the stack's last run. The engine replaces them all, also in a run with targets. */
export async function outputsBefore() {
  const found: unknown = await pulumi.runtime.invoke('pulumi:pulumi:readStackOutputs', {
    name: stackName(),
  });
  return z.object({ outputs: Outputs }).parse(found).outputs;
}

/**
 * The types of what the state has. None where no run has come to its outputs: for a state without resources, the engine
 * ends with a fault of its own (`backendClient.GetStackResourceOutputs` of 3.274).
 */
export async function typesBefore(): Promise<readonly string[]> {
  if ((await outputsBefore()).registry === undefined) return [];
  const found: unknown = await pulumi.runtime.invoke('pulumi:pulumi:readStackResourceOutputs', {
    stackName: stackName(),
  });
  const { outputs } = z.object({ outputs: Resources }).parse(found);
  return Object.values(outputs).map(({ type }) => type);
}
