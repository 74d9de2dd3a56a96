import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeVmDisk } from './make-vm-disk.ts';
import { runCommand } from '../toolchain/run-command.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';

const SUITE = 'bookworm';

const RECIPE = ['make-vm-disk.ts', 'boot-area.ts'].map((name) => new URL(name, import.meta.url));

/** Milliseconds that it may take to make one, on a busy machine. */
export const MAKING_MS = 900_000;

/**
 * The path of a real Debian disk, raw and packed with xz, as upstream would publish it. It is made
 * once for a user, and anew when its recipe changes: that takes some minutes.
 */
export async function bootableDisk(note: (line: string) => void): Promise<string> {
  const key = createHash('sha256');
  for (const file of RECIPE) key.update(readFileSync(file));
  const kept = join(cacheFolder(), 'made-disks');
  const file = join(kept, `${SUITE}-${key.digest('hex').slice(0, 16)}.raw.xz`);
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
