import { join } from 'node:path';
import process from 'node:process';
import { DEFAULT_PLATFORM } from '../catalog/image.ts';
import { DISK_FILE } from '../disk/prepare-disk.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import { bootDisk } from '../verify/boot-disk.ts';
import { hasIdentity, privilegedRefused } from '../verify/privileges.ts';
import { startPulled } from '../verify/start-container.ts';
import { VerifyError } from '../verify/verify-error.ts';
import type { Built } from './build-results.ts';

interface StartOptions {
  /** In the Docker Engine. */
  readonly imageName: string;
  /** The folder of the prepared disk that a VM disk was built from. */
  readonly disk: string | undefined;
  /** Where the console of a disk is written. */
  readonly folder: string;
  readonly platform: string;
  /** Seconds until it must be up. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** What lies in this machine, and not in the image. */
const NOT_HERE = ['MISSING_PROGRAM', 'FOREIGN_PLATFORM', 'PRIVILEGED_REFUSED'];

/** Starts an image that was built here, as a verification does. Throws the reason of `signal`. */
export async function startBuilt(
  image: PlannedImage,
  options: StartOptions,
): Promise<Built['start']> {
  try {
    const { sign, seconds } = await start(image, options);
    return { kind: 'up', sign, seconds };
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof VerifyError)) throw error;
    const { code, problem, remedy, shown } = error;
    const reason = `${code}  ${problem}; ${remedy}`;
    if (NOT_HERE.includes(code)) return { kind: 'unknown', reason };
    return { kind: 'down', reason, shown: [...shown] };
  }
}

function start(image: PlannedImage, options: StartOptions) {
  const { imageName, disk, folder, platform, timeout, signal, note } = options;
  if (image.kind === 'container') {
    const { verify: commands, verifyPrivileged: isPrivileged = false } = image;
    if (isPrivileged && hasIdentity(process.env)) throw privilegedRefused();
    return startPulled(imageName, { timeout, signal, platform, commands, isPrivileged });
  }
  if (platform !== DEFAULT_PLATFORM || disk === undefined) {
    const problem = `it is for ${platform}, and disks are booted on ${DEFAULT_PLATFORM}`;
    throw new VerifyError('FOREIGN_PLATFORM', problem, 'start it on a machine of that platform');
  }
  const log = join(folder, 'console.log');
  return bootDisk(join(disk, DISK_FILE), { timeout, log, signal, note });
}
