import { join } from 'node:path';
import { DEFAULT_PLATFORM } from '../catalog/image.ts';
import { DISK_FILE } from '../disk/prepare-disk.ts';
import { unknown, type Packages } from '../packages/package-list.ts';
import type { PlannedBuild, PlannedContainer } from '../plan/plan-stack.ts';
import { bootDisk } from '../verify/boot-disk.ts';
import { listContainer } from '../verify/list-container.ts';
import { hasIdentity, privilegedRefused } from '../verify/privileges.ts';
import { startPulled, type Start } from '../verify/start-container.ts';
import { VerifyError } from '../verify/verify-error.ts';
import type { Built } from './build-results.ts';

interface StartOptions {
  /** The name of the image in the Docker Engine. */
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

/**
 * Starts an image that was built here, as a verification does, and lists its packages. Those of a VM disk come from its
 * boot. Throws the reason of `signal`.
 */
export async function startBuilt(image: PlannedBuild, options: StartOptions): Promise<Outcome> {
  const { imageName, platform, signal } = options;
  if (image.kind === 'vm-disk') return outcomeOfStart(signal, () => boot(options));
  const { start } = await outcomeOfStart(signal, () => startNode(image, options));
  return { start, packages: await listContainer(imageName, { platform, signal }) };
}

interface Outcome {
  readonly start: Built['start'];
  readonly packages: Packages;
}

/** How `work` ended. Only the boot of a VM disk lists packages. Throws the reason of `signal`. */
export async function outcomeOfStart(
  signal: AbortSignal,
  work: () => Promise<Pick<Start, 'sign' | 'seconds'> & { readonly packages?: Packages }>,
): Promise<Outcome> {
  try {
    const { sign, seconds, packages = unknown('nothing was booted') } = await work();
    return { start: { kind: 'up', sign, seconds }, packages };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof VerifyError)) throw error;
    const { code, problem, shown } = error;
    // The console goes with the build.
    const remedy = code.startsWith('BOOT_') ? 'see the end of its console' : error.remedy;
    const reason = `${code}  ${problem}; ${remedy}`;
    const packages = unknown(`it was not booted: ${reason}`);
    if (NOT_HERE.includes(code)) return { start: { kind: 'unknown', reason }, packages };
    return { start: { kind: 'down', reason, shown: [...shown] }, packages };
  }
}

function startNode(image: PlannedContainer, options: StartOptions) {
  const { imageName, platform, timeout, signal } = options;
  const { verify: commands, verifyPrivileged: isPrivileged = false } = image;
  if (isPrivileged && hasIdentity(process.env)) throw privilegedRefused();
  return startPulled(imageName, { timeout, signal, platform, commands, isPrivileged });
}

function boot({ disk, folder, platform, timeout, signal, note }: StartOptions) {
  if (platform !== DEFAULT_PLATFORM || disk === undefined) {
    const problem = `it is for ${platform}, and disks are booted on ${DEFAULT_PLATFORM}`;
    throw new VerifyError('FOREIGN_PLATFORM', problem, 'start it on a machine of that platform');
  }
  const log = join(folder, 'console.log');
  return bootDisk(join(disk, DISK_FILE), { timeout, log, signal, note });
}
