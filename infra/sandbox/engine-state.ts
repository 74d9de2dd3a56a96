import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseJson } from '../../src/json.ts';
import { readJsonFile, readTextFile } from './text-file.ts';
import { findProcess } from '../toolchain/pid-file.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

/** A lock of the engine's file backend: the process that works on a stack. */
const EngineLock = z.object({ pid: z.number() });

/**
 * Makes the stacks of a file backend usable: removes the locks of engines that were killed, and
 * waits for an engine that still runs (of an `npm run pulumi`, or of an `npm start` that was killed).
 */
export async function waitForEngineLock(
  state: string,
  note: (line: string) => void,
): Promise<void> {
  for (let isNoted = false; ; isNoted = true) {
    const holders = globSync(join(state, '.pulumi/locks/**/*.json')).filter((file) => {
      if (isHeld(file)) return true;
      for (const left of [file, `${file}.attrs`]) rmSync(left, { force: true });
      return false;
    });
    if (holders.length === 0) return;
    if (!isNoted) note('waiting for another engine that works on this stack');
    await sleep(500);
  }
}

function isHeld(file: string): boolean {
  const lock = EngineLock.safeParse(readJsonFile(file));
  return lock.success && findProcess(lock.data.pid)?.name.startsWith('pulumi') === true;
}

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
  const { data, error } = Checkpoint.safeParse(parseJson(text));
  if (data === undefined) {
    throw new PrerequisiteError(
      `the state of the stack is damaged: ${file}`,
      'copy the file of that name with .bak behind it, the state of a step before, over it, and run this again',
      { cause: error },
    );
  }
  return (data.checkpoint.latest?.pending_operations?.length ?? 0) > 0;
}
