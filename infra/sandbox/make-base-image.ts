import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import type { ImageReference } from '../../src/image-reference.ts';
import { waitForLock } from '../toolchain/lock.ts';
import { debianProgram } from '../toolchain/programs.ts';
import { runCommand } from '../toolchain/run-command.ts';
import type { SandboxRecord } from './sandbox-record.ts';

const UPSTREAM = 'library/debian';

/** `bookworm` for `docker.io/library/debian:bookworm-slim`; `undefined` for an image of no Debian suite. */
export function debianSuite({ registry, repository, tag }: ImageReference): string | undefined {
  if (registry !== 'docker.io' || repository !== UPSTREAM) return undefined;
  return /^([a-z]+)(?:-slim)?$/.exec(tag ?? '')?.[1];
}

/** Makes the minimal file system of a Debian suite, and returns the path of its tar file. */
export type MakeRootFileSystem = (suite: string) => Promise<string>;

/**
 * Finds or installs mmdebstrap. A suite is made once a day for all checkouts of a user. May throw a
 * PrerequisiteError.
 */
export async function findRootFileSystemMaker(
  note: (line: string) => void,
): Promise<MakeRootFileSystem> {
  const mmdebstrap = await debianProgram('mmdebstrap', 'mmdebstrap', note);
  return dailyCache(
    async (suite, file) => {
      await runCommand(mmdebstrap, ['--variant=minbase', '--format=tar', suite, file]);
    },
    join(cacheFolder(), 'made-bases'),
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
  // Through a file and not a pipe: Docker would import the incomplete output of a failed maker.
  const tarFile = await makeRootFileSystem(suite);
  await runCommand(cli, ['import', '--change', 'CMD ["bash"]', tarFile, reference], { env });
  await runCommand(cli, ['push', reference], { env });
}

/**
 * A daily cache in a folder, for all processes of a user. The returned function takes a name and gives the
 * path of a file that was made today (in UTC): by an earlier call, or now by `make`. Older files of that
 * name are removed. An unfinished file never has that path, and one process at a time makes files of a name.
 */
export function dailyCache(
  make: (name: string, file: string) => Promise<void>,
  folder: string,
  now = () => new Date(),
): (name: string) => Promise<string> {
  return async (name) => {
    const day = now().toISOString().slice(0, 'YYYY-MM-DD'.length);
    const file = join(folder, `${name}-${day}`);
    if (existsSync(file)) return file;
    mkdirSync(folder, { recursive: true });
    const release = await waitForLock(join(folder, `${name}.lock`));
    try {
      if (existsSync(file)) return file;
      for (const old of readdirSync(folder)) {
        if (old.startsWith(`${name}-`)) rmSync(join(folder, old), { recursive: true, force: true });
      }
      const unfinished = `${file}.unfinished`;
      await make(name, unfinished);
      renameSync(unfinished, file);
      return file;
    } finally {
      release?.();
    }
  };
}
