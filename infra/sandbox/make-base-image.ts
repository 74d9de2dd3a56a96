import { mkdirSync, rmSync, existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageReference } from '../../src/image-reference.ts';
import { canInstallPackages, installDebianPackages, findCommand } from '../toolchain/programs.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import { runCommand } from '../toolchain/run-command.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { takeLock } from '../toolchain/lock.ts';

const UPSTREAM = 'library/debian';

/** `bookworm` for `docker.io/library/debian:bookworm-slim`; `undefined` for what is no Debian suite. */
export function debianSuite({ registry, repository, tag }: ImageReference): string | undefined {
  if (registry !== 'docker.io' || repository !== UPSTREAM) return undefined;
  return /^([a-z]+)(?:-slim)?$/.exec(tag ?? '')?.[1];
}

/** A function that makes a Debian suite's minimal file system, and gives the path of its tar file. */
export type MakeRootFileSystem = (suite: string) => Promise<string>;

/**
 * How this machine can make one: mmdebstrap, installed first where it can be, else debootstrap. It is made once
 * a day for all checkouts of a user.
 */
export async function findRootFileSystemMaker(
  note: (line: string) => void,
): Promise<MakeRootFileSystem> {
  if (findCommand('mmdebstrap') === undefined && canInstallPackages()) {
    await installDebianPackages(['mmdebstrap'], note);
  }
  const folder = join(cacheFolder(), 'made-bases');
  if (findCommand('mmdebstrap') !== undefined) return keptForADay(makeWithMmdebstrap, folder);
  if (findCommand('debootstrap') !== undefined) return keptForADay(makeWithDebootstrap, folder);
  throw new PrerequisiteError(
    'Docker Hub can’t be reached, and no Debian base images can be made here',
    'make Docker Hub reachable, or install mmdebstrap (a package of Debian and Ubuntu)',
  );
}

/** Makes a suite's base image and pushes it as `reference`, a tag on the sandbox's registry. */
export async function makeBaseImage(
  suite: string,
  reference: string,
  makeRootFileSystem: MakeRootFileSystem,
  { cli, host }: SandboxRecord['docker'],
): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: host };
  // Through a file and not a pipe: Docker would import what a failed maker had written so far.
  const tarFile = await makeRootFileSystem(suite);
  await runCommand(cli, ['import', '--change', 'CMD ["bash"]', tarFile, reference], { env });
  await runCommand(cli, ['push', reference], { env });
}

async function makeWithMmdebstrap(suite: string, tarFile: string): Promise<void> {
  await runCommand('mmdebstrap', ['--variant=minbase', '--format=tar', suite, tarFile]);
}

async function makeWithDebootstrap(suite: string, tarFile: string): Promise<void> {
  const folder = `${tarFile}.d`;
  mkdirSync(folder);
  try {
    await runCommand('debootstrap', ['--variant=minbase', suite, folder]);
    await runCommand('tar', ['--create', '--file', tarFile, '--directory', folder, '.']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes what has a name to a file that is not there yet. */
type Write = (name: string, file: string) => Promise<void>;

const POLL_MS = 500;

/**
 * A function that gives the path of what has a name: made today (in UTC) by somebody with the same `folder`,
 * or else made now by `write`. What is older than that is removed. Nothing half made ever has the path, and
 * of several processes one makes it.
 */
export function keptForADay(
  write: Write,
  folder: string,
  now = () => new Date(),
): (name: string) => Promise<string> {
  return async (name) => {
    const day = now().toISOString().slice(0, 'YYYY-MM-DD'.length);
    const file = join(folder, `${name}-${day}`);
    if (existsSync(file)) return file;
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, `${name}.lock`);
    const release = await waitForLock(lock);
    try {
      if (existsSync(file)) return file;
      for (const old of readdirSync(folder)) {
        if (old.startsWith(`${name}-`)) rmSync(join(folder, old), { recursive: true, force: true });
      }
      const unfinished = `${file}.unfinished`;
      await write(name, unfinished);
      renameSync(unfinished, file);
      return file;
    } finally {
      release();
    }
  };
}

async function waitForLock(file: string) {
  for (;;) {
    const taken = takeLock(file);
    if (typeof taken === 'function') return taken;
    await pause(POLL_MS);
  }
}
