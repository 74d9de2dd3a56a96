import { join } from 'node:path';
import { z } from 'zod';
import { readTextFile } from './write-if-changed.ts';

/** The engine's checkpoint of a stack, as far as it is needed here; the file backend keeps it as JSON. */
const Checkpoint = z.object({
  checkpoint: z.object({
    latest: z.object({ pending_operations: z.array(z.unknown()).nullish() }).nullish(),
  }),
});

/**
 * Whether an engine was killed while it worked on a resource of that stack. The engine keeps such
 * operations, and warns of them at every run, until a refresh clears them.
 */
export function hasPendingOperations(state: string, project: string, stack: string): boolean {
  const text = readTextFile(join(state, '.pulumi/stacks', project, `${stack}.json`));
  if (text === undefined) return false;
  const { checkpoint } = Checkpoint.parse(JSON.parse(text));
  return (checkpoint.latest?.pending_operations?.length ?? 0) > 0;
}
