import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { provideDiskPrograms } from '../../infra/toolchain/programs.ts';
import {
  type DiskRecipe,
  type DiskSource,
  parseChecksum,
  type Checksum,
  type ChecksumAlgorithm,
} from '../../src/catalog/image.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { DISK_FILE, prepareDisk } from '../../src/disk/prepare-disk.ts';
import type { World } from '../../src/disk/world.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { known, rejection } from '../support/fixtures.ts';

const MEBIBYTE = 1024 * 1024;

/** How much larger the disks of these tests become. */
export const ENLARGE_BY = 16 * MEBIBYTE;

const Info = z.object({ 'virtual-size': z.int(), format: z.string() });

/** A place of the running test's own, where disks are made, served and prepared. */
export function diskWorkshop() {
  const root = temporaryFolder();
  const folders = { downloads: join(root, 'downloads'), disks: join(root, 'disks') };
  const scratch = join(root, 'scratch');
  mkdirSync(scratch);
  const path = (name: string) => join(scratch, name);
  /** Runs a command, whose arguments have no spaces. */
  const run = (command: string) => {
    const [program = '', ...args] = command.split(' ');
    return execFileSync(program, args, { cwd: scratch, maxBuffer: 64 * MEBIBYTE });
  };

  /** Serves a file of the scratch folder; the recipe that wants it. */
  async function recipe(name: string, source: Pick<DiskSource, 'format' | 'packing'>) {
    const body = readFileSync(path(name));
    const { origin, asked } = await scriptedServer({ status: 200, body });
    const wanted = { url: `${origin}/${name}`, checksum: checksumOf(body), ...source };
    return { source: wanted, enlargeBy: ENLARGE_BY, asked };
  }

  return {
    folders,
    path,
    run,
    recipe,
    /** 4 MiB with something here and there, the same each time. */
    writeRaw(name: string): Buffer {
      const disk = Buffer.alloc(4 * MEBIBYTE);
      for (let at = 0; at < disk.length; at += 300_000)
        disk.fill(`piece ${String(at)},`, at, at + 70_000);
      writeFileSync(path(name), disk);
      return disk;
    },
    prepare: (wanted: DiskRecipe, world?: Partial<World>) => prepareDisk(wanted, folders, world),
    /** What a guest would see. */
    contentOf(folder: string): Buffer {
      run(`qemu-img convert -f qcow2 -O raw ${join(folder, DISK_FILE)} content`);
      return readFileSync(path('content'));
    },
    infoOf(folder: string) {
      const json = run(`qemu-img info --output=json ${join(folder, DISK_FILE)}`).toString();
      return Info.parse(JSON.parse(json));
    },
    /** All that there is in the folders, but for whole downloads. */
    left: () =>
      readdirSync(folders.disks).concat(
        readdirSync(folders.downloads).filter((name) => name.includes('unfinished')),
      ),
  };
}

/** The checksum of a content. */
export function checksumOf(
  content: string | Uint8Array,
  algorithm: ChecksumAlgorithm = 'sha256',
): Checksum {
  const digits = createHash(algorithm).update(content).digest('hex');
  return known(parseChecksum(`${algorithm}:${digits}`));
}

/** The DiskError that a promise must fail with. */
export function diskFailure(promise: Promise<unknown>): Promise<DiskError> {
  return rejection(promise, DiskError);
}

/** Makes sure that qemu-img and xz are on PATH. For `beforeAll`: it may have to install them. */
export async function providedPrograms(): Promise<void> {
  await provideDiskPrograms((line) => {
    console.error(`disk tests: ${line}`);
  });
}

/** Milliseconds for that, with package lists to be fetched first. */
export const INSTALL_MS = 600_000;
