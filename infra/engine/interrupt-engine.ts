import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { findProcess } from '../toolchain/pid-file.ts';

/**
 * Ends the engine as Ctrl-C does: it writes down how far it got, and takes its lock away. A process of its
 * own does it, since this one ends with the first interrupt.
 */
export function interruptEngine(): void {
  const engine = engineProcess();
  if (engine === undefined) return;
  const script = join(import.meta.dirname, 'interrupt-process.ts');
  spawn(process.execPath, [script, String(engine)], { detached: true, stdio: 'ignore' }).unref();
}

/** The engine starts the language host, and that starts this program. `undefined` where it was started otherwise. */
function engineProcess(): number | undefined {
  const engine = findProcess(process.ppid)?.parent ?? 0;
  return findProcess(engine)?.name === 'pulumi' ? engine : undefined;
}
