import { join } from 'node:path';
import { z } from 'zod';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import { readTextFile } from './write-if-changed.ts';

/** The engine's checkpoint of a stack, as far as it is needed here; the file backend keeps it as JSON. */
const Checkpoint = z.object({
  checkpoint: z.object({
    latest: z.object({ pending_operations: z.array(z.unknown()).nullish() }).nullish(),
  }),
});

/**
 * Whether an engine was killed while it worked on a resource of that stack. The engine keeps such
 * operations, and warns of them at every run, until a refresh clears them. Throws a PrerequisiteError for a
 * checkpoint that was cut off, say by a full disk.
 */
export function hasPendingOperations(state: string, project: string, stack: string): boolean {
  const file = join(state, '.pulumi/stacks', project, `${stack}.json`);
  const text = readTextFile(file);
  if (text === undefined) return false;
  const { checkpoint } = parseCheckpoint(text, file);
  return (checkpoint.latest?.pending_operations?.length ?? 0) > 0;
}

function parseCheckpoint(text: string, file: string) {
  try {
    return Checkpoint.parse(JSON.parse(text));
  } catch (cause) {
    throw new PrerequisiteError(
      `the state of the stack is damaged: ${file}`,
      'copy the file of that name with .bak behind it, the state of a step before, over it, and run this again',
      { cause },
    );
  }
}
