import { join } from 'node:path';
import { endService, startService, type StartedService } from './background-service.ts';
import type { Sandbox } from './sandbox.ts';

const NAME = 'emulator';

/**
 * The Google API emulator of this sandbox, whose images are in `registry` (`127.0.0.1:<port>`). What it
 * holds is in files, and stays when it is started again.
 */
export async function startEmulator(
  { root, emulatorFolder: folder }: Sandbox,
  registry: string,
): Promise<StartedService> {
  return startService(root, {
    name: NAME,
    folder,
    program: 'infra/sandbox/emulators/google/main.ts',
    args: ['--registry', registry, '--folder', join(folder, 'state')],
    // Above the registry's. It is in the stack's settings, and so in the address of the refresh.
    port: {
      first: 5100,
      last: 5199,
      owner: 'its Google API emulator',
      consequence: 'which the next `npm start` writes into the stack’s settings',
    },
    answers: isEmulator,
  });
}

/** Ends the emulator that was started for `folder`; its state stays. Returns whether there was one. */
export async function endEmulator(folder: string): Promise<boolean> {
  return endService({ name: NAME, folder });
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
