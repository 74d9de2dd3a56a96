import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from '../toolchain/pid-file.ts';

/** What still happens once the last image is published: what hangs on it, and the state. */
const LAST_STEPS_MS = 5_000;
/** How long plug-ins get to end what they are at; the official docker plug-in never does. */
const GRACE_MS = 20_000;

// `node interrupt-process.ts <process id of the engine>`: once, so that plug-ins end what they are at, and
// once more for those that don't.
const engine = Number(process.argv[2]);
const identity = processIdentity(engine);
for (const delay of [LAST_STEPS_MS, GRACE_MS]) {
  await sleep(delay);
  // It may have gone by itself, and its number may be somebody else's.
  if (identity === undefined || processIdentity(engine) !== identity) break;
  process.kill(engine, 'SIGINT');
}
