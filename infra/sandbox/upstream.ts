import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  rmSync,
  mkdtempSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { endService, startService } from './background-service.ts';
import { provideDiskPrograms, provideQemu } from '../toolchain/programs.ts';
import type { Sandbox } from './sandbox.ts';
import type { Checksum } from '../../src/catalog/image.ts';
import { hashFile } from '../../src/disk/disk-files.ts';
import { createHash } from 'node:crypto';
import { makeVmDisk } from './make-vm-disk.ts';
import { runCommand } from '../toolchain/run-command.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';

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

const SUITE = 'bookworm';

const RECIPE = new URL('make-vm-disk.ts', import.meta.url);

/** Milliseconds that it may take to make one, on a busy machine. */
export const MAKING_MS = 900_000;

/**
 * The path of a real Debian disk, raw and packed with xz, as upstream would publish it. It is made
 * once for a user, and anew when its recipe changes: that takes some minutes.
 */
export async function bootableDisk(note: (line: string) => void): Promise<string> {
  const key = createHash('sha256').update(readFileSync(RECIPE)).digest('hex').slice(0, 16);
  const kept = join(cacheFolder(), 'made-disks');
  const file = join(kept, `${SUITE}-${key}.raw.xz`);
  if (existsSync(file)) return file;
  mkdirSync(kept, { recursive: true });
  const scratch = mkdtempSync(join(kept, 'making-'));
  try {
    const disk = join(scratch, 'disk.raw');
    note(`making a disk of Debian ${SUITE}, which takes some minutes`);
    await makeVmDisk(SUITE, disk, scratch, note);
    await runCommand('xz', ['-1', '--threads=0', disk]);
    renameSync(`${disk}.xz`, file);
    return file;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
