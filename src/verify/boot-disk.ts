import { constants } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import type { Packages } from '../packages/package-list.ts';
import { hasErrorCode } from '../problem.ts';
import { lastLines, MORE_TIME, VerifyError } from './verify-error.ts';
import { seedDrive } from './list-seed.ts';
import { runMachine, type MachineEnd, type MachineOptions, type MachineRun } from './machine.ts';
import { isListing, readPackages } from './read-console.ts';

interface BootOptions {
  /** Seconds until it must be up. */
  readonly timeout: number;
  /** The file that the console is written to. */
  readonly log: string;
  readonly signal: AbortSignal;
  /** Takes a line about each step that takes time. */
  readonly note: (line: string) => void;
}

/** How a disk came up. */
export interface Boot {
  readonly sign: string;
  readonly accelerator: Accelerator;
  readonly seconds: number;
  /** What its package manager lists, by cloud-init. */
  readonly packages: Packages;
}

/** `kvm` is this machine's own processor, `tcg` an emulated one, about twenty times slower. */
type Accelerator = 'kvm' | 'tcg';

const PROGRAM = 'qemu-system-x86_64';

/** With KVM, firmware takes two seconds. */
const KVM_FIRMWARE_MS = 20_000;

/** With KVM, a boot prints something more often. */
const KVM_SILENCE_MS = 60_000;

/** The part of the time limit for KVM: a machine that hangs in it still has time without. */
const KVM_SHARE = 1 / 3;

const SHOWN_LINES = 100;

/**
 * Boots a qcow2 disk of linux/amd64 as KubeVirt does, with BIOS and virtio, until its serial console
 * shows that it is up. Where cloud-init is in it, it prints its package list on the way. The disk is not written to,
 * and the machine has no network. Throws a VerifyError.
 */
export async function bootDisk(disk: string, options: BootOptions): Promise<Boot> {
  const seed = `${options.log}.seed`;
  try {
    return await bootWithSeed(disk, await seedDrive(seed), options);
  } finally {
    await rm(seed, { recursive: true, force: true });
  }
}

async function bootWithSeed(
  disk: string,
  seed: readonly string[],
  options: BootOptions,
): Promise<Boot> {
  const { timeout, log, signal, note } = options;
  const started = Date.now();
  const left = () => timeout * 1000 - (Date.now() - started);
  const boot = (accelerator: Accelerator, limits: Omit<MachineOptions, 'log' | 'signal'>) =>
    runMachine(PROGRAM, [...machineArguments(disk, accelerator), ...seed], {
      ...limits,
      isBusy: isListing,
      log,
      signal,
    }).catch(explain);
  let accelerator: Accelerator = 'kvm';
  let run: MachineRun | undefined;
  if (await canUseKvm()) {
    note('booting with KVM');
    const limits = { firmware: KVM_FIRMWARE_MS, silence: KVM_SILENCE_MS };
    run = await boot(accelerator, { timeout: left() * KVM_SHARE, ...limits });
  }
  // Some machines that are virtual themselves offer a KVM in which a guest gets stuck, here or there.
  if (run === undefined || !['up', 'failed'].includes(run.end.kind)) {
    accelerator = 'tcg';
    note('booting with emulation');
    run = await boot(accelerator, { timeout: left() });
  }
  const { end, console } = run;
  const seconds = Math.round((Date.now() - started) / 1000);
  if (end.kind === 'up') {
    return { sign: end.sign, accelerator, seconds, packages: readPackages(console) };
  }
  const remedy = `read the console in ${log}`;
  const shown = lastLines(console, SHOWN_LINES);
  if (end.kind !== 'timeout') throw new VerifyError('BOOT_FAILED', reasonOf(end), remedy, shown);
  const problem = `no login prompt after ${timeout} seconds`;
  throw new VerifyError('BOOT_TIMEOUT', problem, `${MORE_TIME}; or ${remedy}`, shown);
}

/** Keeps the emulator from starting programs and from changing its user, should a disk take it over. */
const SANDBOXED =
  '-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

/** KubeVirt's default of a machine, cut down to what a boot needs. */
function machineArguments(disk: string, accelerator: Accelerator): readonly string[] {
  return [
    `-accel ${accelerator} -cpu max -smp 2 -m 1024`,
    // Without graphics the firmware and the boot loader print to the serial port, too.
    '-machine graphics=off -display none -monitor none -serial stdio',
    ...(process.platform === 'linux' ? [SANDBOXED] : []),
    '-nic none -device virtio-rng-pci -drive',
  ]
    .flatMap((options) => options.split(' '))
    .concat(`file=${disk.replaceAll(',', ',,')},format=qcow2,if=virtio,snapshot=on`);
}

async function canUseKvm(): Promise<boolean> {
  return access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

function explain(error: unknown): never {
  if (!hasErrorCode(error, 'ENOENT')) throw error;
  const remedy = 'install it: apt-get install qemu-system-x86';
  throw new VerifyError('MISSING_PROGRAM', `there is no ${PROGRAM} on PATH`, remedy);
}

function reasonOf(end: Exclude<MachineEnd, { kind: 'up' | 'timeout' }>): string {
  switch (end.kind) {
    case 'failed':
      return end.reason;
    case 'stuck':
      return 'its firmware never got to the disk';
    case 'exited':
      return `${PROGRAM} ended by itself${end.output === '' ? '' : `: ${end.output}`}`;
  }
}
