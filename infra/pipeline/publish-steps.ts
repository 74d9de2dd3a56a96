import { commandsOf, LOOKING, PUBLISHING, REFRESHING, UNATTENDED } from './commands.ts';
import type { Step } from './step.ts';

export interface StackOptions {
  readonly stack: string;
}

/** What the main branch's pipeline does. */
export function publishSteps({ stack }: StackOptions, node: string): readonly Step[] {
  const { pulumi } = commandsOf(stack, node);
  return [{ name: 'publish', ...pulumi('up', ...PUBLISHING, ...UNATTENDED) }];
}

/** The drift gate: fails when anything is not as the program declares it. Changes nothing. */
export function driftSteps({ stack }: StackOptions, node: string): readonly Step[] {
  const { pulumi } = commandsOf(stack, node);
  const looking = pulumi('preview', ...REFRESHING, ...LOOKING, ...UNATTENDED);
  return [{ name: 'look for drift', ...looking }];
}
