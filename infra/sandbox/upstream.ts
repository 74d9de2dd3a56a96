import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../../src/disk/disk-files.ts';
import type { PublishedDisk } from '../../src/refresh/publishers/publisher.ts';
import { provideDiskPrograms, provideQemu } from '../toolchain/programs.ts';
import { runCommand } from '../toolchain/run-command.ts';
import { cachedFile } from './cached-file.ts';
import { makeVmDisk } from './make-vm-disk.ts';
import type { Sandbox } from './sandbox.ts';
import { startUpstream } from './services.ts';

/** The one disk of the server: raw, and packed with xz. */
const FILE = 'debian-12.raw.xz';

const SUITE = 'bookworm';

const RECIPE = new URL('make-vm-disk.ts', import.meta.url);

/** Milliseconds that it may take to make a disk, on a busy machine. */
export const MAKING_MS = 900_000;

/** Whether this sandbox has had an upstream before. */
export function hasUpstream({ upstreamFolder }: Sandbox): boolean {
  return existsSync(diskFile(upstreamFolder));
}

/**
 * Stands in for a distribution's server: a real Debian disk, made from Debian's packages once for a user,
 * and served on this machine. Also provides the programs that turn disks into images and boot them. May
 * throw a PrerequisiteError.
 */
export async function provideUpstream(
  sandbox: Sandbox,
  note: (line: string) => void,
): Promise<PublishedDisk> {
  await provideDiskPrograms(note);
  await provideQemu(note);
  const file = diskFile(sandbox.upstreamFolder);
  mkdirSync(join(sandbox.upstreamFolder, 'files'), { recursive: true });
  const made = await bootableDisk(note);
  rmSync(file, { force: true });
  try {
    linkSync(made, file);
  } catch {
    copyFileSync(made, file); // From another file system.
  }
  const checksum = await hashFile(file, 'sha256');
  if (checksum === undefined) throw new Error(`${file} is not there`);
  const { address } = await startUpstream(sandbox, `/${FILE}`);
  return { url: `http://${address}/${FILE}`, checksum };
}

/**
 * The path of a real Debian disk, raw and packed with xz, as upstream would publish it. It is made
 * once for a user, and anew when its recipe changes. To make it takes some minutes.
 */
export async function bootableDisk(note: (line: string) => void): Promise<string> {
  const recipe = createHash('sha256').update(readFileSync(RECIPE)).digest('hex').slice(0, 16);
  return cachedFile(
    { name: SUITE, key: `${recipe}.raw.xz`, folder: 'made-disks' },
    async (file) => {
      note(`making a disk of Debian ${SUITE}, which takes some minutes`);
      const scratch = `${file}.making`;
      const disk = join(scratch, 'disk.raw');
      await makeVmDisk(SUITE, disk, scratch, note);
      await runCommand('xz', ['-1', '--threads=0', disk]);
      renameSync(`${disk}.xz`, file);
      rmSync(scratch, { recursive: true });
    },
    (holder) => {
      note(`waiting for process ${holder}, which makes the disk`);
    },
  );
}

function diskFile(folder: string): string {
  return join(folder, 'files', FILE);
}
