import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeFingerprint } from './code-fingerprint.ts';
import { isPortFree } from './free-port.ts';
import { endProcess, runningProcess } from './pid-file.ts';
import { chooseRememberedPort, rememberedPort, type RememberedPort } from './remembered-port.ts';
import type { Sandbox } from './sandbox.ts';
import { startInBackground } from './start-in-background.ts';
import { readTextFile, writeIfChanged } from './write-if-changed.ts';

/** A Google API emulator that answers on this machine. */
export interface StartedEmulator {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Whether this call started it. */
  readonly started: boolean;
}

/**
 * The emulator of this sandbox, whose images are in `registry` (`127.0.0.1:<port>`): running
 * already, or started now in the background. One that was started from other code, or for another
 * registry, is started again; what it holds is in files and stays.
 */
export async function startEmulator(
  { root, emulatorFolder: folder }: Sandbox,
  registry: string,
): Promise<StartedEmulator> {
  const origin = `${registry} ${codeFingerprint(root)}\n`;
  const known = rememberedPort(emulatorPort(folder).file);
  const isCurrent =
    runningProcess(pidFile(folder)) !== undefined && readTextFile(originFile(folder)) === origin;
  if (known !== undefined && isCurrent && (await isEmulator(known))) {
    return { address: `127.0.0.1:${known}`, started: false };
  }
  await endEmulator(folder);
  const port = await startAtItsPort(root, folder, registry);
  // Only now: of one that was never seen to answer, nobody knows where it comes from.
  writeIfChanged(originFile(folder), origin);
  return { address: `127.0.0.1:${port}`, started: true };
}

/** Returns the port. One that nobody has been told yet is exchanged when somebody else is faster. */
async function startAtItsPort(root: string, folder: string, registry: string): Promise<number> {
  const place = emulatorPort(folder);
  const isKnown = rememberedPort(place.file) !== undefined;
  for (;;) {
    const port = await chooseRememberedPort(place);
    try {
      await startProgram(root, folder, registry, port);
      return port;
    } catch (error) {
      if (isKnown || (await isPortFree(port))) throw error;
      rmSync(place.file);
    }
  }
}

async function startProgram(
  root: string,
  folder: string,
  registry: string,
  port: number,
): Promise<void> {
  const program = join(root, 'infra/sandbox/google-api/main.ts');
  const logFile = join(folder, 'emulator.log');
  const args = [program, '--registry', registry, '--folder', join(folder, 'state')];
  await startInBackground(
    {
      command: process.execPath,
      args: [...args, '--port', String(port)],
      pidFile: pidFile(folder),
      logFile,
    },
    // What answers at the port may be another sandbox's; only this one's log says that it listens.
    () => Promise.resolve(readTextFile(logFile)?.includes(`http://127.0.0.1:${port}\n`) === true),
  );
}

/** Ends the emulator that was started for `folder`; its state stays. Returns whether there was one. */
export async function endEmulator(folder: string): Promise<boolean> {
  return endProcess(pidFile(folder));
}

/** Whether an emulator answers at `127.0.0.1:<port>`. */
export async function isEmulator(port: number): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/emulator/v1/clock`, {
      signal: AbortSignal.timeout(2000),
    });
    return status === 200;
  } catch {
    return false;
  }
}

/** Above the registry's. It is in the stack's settings, and so in the address of the refresh. */
function emulatorPort(folder: string): RememberedPort {
  return {
    file: join(folder, 'port'),
    first: 5100,
    last: 5199,
    owner: 'its Google API emulator',
    consequence: 'which the next `npm start` writes into the stack’s settings',
  };
}

function pidFile(folder: string): string {
  return join(folder, 'emulator.json');
}

/** For which registry and from which code the running one was started. */
function originFile(folder: string): string {
  return join(folder, 'origin');
}
