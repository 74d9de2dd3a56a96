import { type Platform, PROCESSORS } from '../toolchain/foreign-program.ts';
import { debianProgram } from '../toolchain/programs.ts';
import { runCommand } from '../toolchain/run-command.ts';
import { cachedFile } from './cached-file.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** `bookworm` for `docker.io/library/debian:bookworm-slim`; `undefined` for an image of no Debian suite. */
export function debianSuite(base: string): string | undefined {
  return /^docker\.io\/library\/debian:([a-z]+)(?:-slim)?$/.exec(base)?.[1];
}

/**
 * Makes the minimal file system of a Debian suite for a platform whose programs run on this machine, and returns the path
 * of its tar file.
 */
export type MakeRootFileSystem = (suite: string, platform: Platform) => Promise<string>;

/**
 * Finds or installs mmdebstrap. A suite is made once a day and platform for all checkouts of a user. May
 * throw a PrerequisiteError.
 */
export async function findRootFileSystemMaker(
  note: (line: string) => void,
): Promise<MakeRootFileSystem> {
  const mmdebstrap = await debianProgram('mmdebstrap', 'mmdebstrap', note);
  return (suite, platform) => {
    const today = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
    const { architecture } = PROCESSORS[platform];
    const name = `${architecture}-${suite}`;
    return cachedFile({ name, key: today, folder: 'made-bases' }, async (file) => {
      // Its own check knows only emulators that other packages registered.
      const options = [`--architectures=${architecture}`, '--skip=check/qemu'];
      await runCommand(mmdebstrap, ['--variant=minbase', '--format=tar', ...options, suite, file]);
    });
  };
}

/** Makes a suite's base image for a platform and pushes it as `reference`, a tag on the sandbox's registry. */
export async function makeBaseImage(
  suite: string,
  platform: Platform,
  reference: string,
  makeRootFileSystem: MakeRootFileSystem,
  { cli, host }: SandboxRecord['docker'],
): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: host };
  // Through a file and not a pipe: Docker would import the incomplete output of a failed maker.
  const tarFile = await makeRootFileSystem(suite, platform);
  const options = ['--platform', platform, '--change', 'CMD ["bash"]'];
  await runCommand(cli, ['import', ...options, tarFile, reference], { env });
  await runCommand(cli, ['push', reference], { env });
}
