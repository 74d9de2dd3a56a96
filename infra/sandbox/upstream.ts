import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endService, startService } from './background-service.ts';
import { bootableDisk } from './bootable-disk.ts';
import { provideDiskPrograms, provideQemu } from '../toolchain/qemu.ts';
import type { Sandbox } from './sandbox.ts';
import type { Checksum } from '../../src/catalog/checksum.ts';
import { hashFile } from '../../src/disk/hash-file.ts';

const NAME = 'upstream';

/** The one disk that it has: raw, and packed with xz. */
const FILE = 'debian-12.raw.xz';

/** A VM disk as a catalog names it. */
export interface UpstreamDisk {
  readonly url: string;
  readonly checksum: Checksum;
}

/** Whether this sandbox has had an upstream before. */
export function hasUpstream({ upstreamFolder }: Sandbox): boolean {
  return existsSync(diskFile(upstreamFolder));
}

/**
 * Stands for a distribution's server: a real Debian disk, made from Debian's packages once for a user, that
 * is served on this machine. Also provides what turns disks into images and boots them. May throw a
 * PrerequisiteError.
 */
export async function provideUpstream(
  { root, upstreamFolder: folder }: Sandbox,
  note: (line: string) => void,
): Promise<UpstreamDisk> {
  await provideDiskPrograms(note);
  await provideQemu(note);
  const file = diskFile(folder);
  mkdirSync(join(folder, 'files'), { recursive: true });
  const made = await bootableDisk(note);
  rmSync(file, { force: true });
  try {
    linkSync(made, file);
  } catch {
    copyFileSync(made, file); // From another file system.
  }
  const checksum = await hashFile(file, 'sha256');
  if (checksum === undefined) throw new Error(`${file} is not there`);
  const { address } = await startService(root, {
    ...{ name: NAME, folder, program: 'infra/sandbox/upstream-server.ts' },
    args: ['--folder', join(folder, 'files')],
    port: {
      ...{ first: 5300, last: 5399, owner: 'its stand-in for a distribution’s server' },
      consequence: 'which the next `npm start` writes into the sandbox’s catalog',
    },
    answers: isUpstream,
  });
  return { url: `http://${address}/${FILE}`, checksum };
}

/** Ends it; its disk stays. Returns whether there was one. */
export async function endUpstream(folder: string): Promise<boolean> {
  return endService({ name: NAME, folder });
}

function diskFile(folder: string): string {
  return join(folder, 'files', FILE);
}

async function isUpstream(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2000);
    const { ok } = await fetch(`http://127.0.0.1:${port}/${FILE}`, { method: 'HEAD', signal });
    return ok;
  } catch {
    return false;
  }
}
