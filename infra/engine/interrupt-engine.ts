import { spawn } from 'node:child_process';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProcess, processIdentity } from '../toolchain/pid-file.ts';

/** How long the engine has to write the state after the last image, and what depends on it. */
const LAST_STEPS_MS = 5_000;
/** How long plug-ins have to end their work. The official docker plug-in never does. */
const GRACE_MS = 20_000;

/**
 * Ends the engine as Ctrl-C does: it writes the state and releases its lock. A process of its own sends the
 * signals, since this one ends with the first. Does nothing where no engine started the program.
 */
export function interruptEngine(): void {
  // The engine starts the language host, and that starts this program.
  const engine = findProcess(process.ppid)?.parent ?? 0;
  if (findProcess(engine)?.name !== 'pulumi') return;
  const args = [import.meta.filename, String(engine)];
  spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref();
}

// The first interrupt lets plug-ins end their work, the second ends those that do not.
if (import.meta.main) {
  const engine = Number(process.argv[2]);
  const identity = processIdentity(engine);
  for (const delay of [LAST_STEPS_MS, GRACE_MS]) {
    await sleep(delay);
    // The engine may have ended, and another process may have its number.
    if (identity === undefined || processIdentity(engine) !== identity) break;
    process.kill(engine, 'SIGINT');
  }
}
