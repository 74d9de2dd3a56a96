import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canRunOn, programHeader, type Platform, PROCESSORS } from './foreign-program.ts';
import type { DockerEngine } from './docker-engine.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import { debianProgram } from './programs.ts';
import { runCommand, tryCommand } from './run-command.ts';
import { messageOf } from '../../src/problem.ts';

/** The kernel's list of the programs that run those of other processors (Linux, "binfmt-misc"). */
const REGISTRATIONS = '/proc/sys/fs/binfmt_misc';

/** The project's own registrations begin with it, and its own mount of that folder has it for a source. */
const PROJECT = 'kubernetes-ci-images';

const PACKAGE = 'qemu-user-static';

/** What registers the emulator for good. */
const INSTALL = `apt-get install ${PACKAGE} binfmt-support`;

/** Opened once (F), since a container has no emulator; sudo and the like have their rights (C). */
const FLAGS = 'OCF';

/**
 * Has the Docker Engine run programs for these platforms. Where it can't yet, registers an emulator with this machine's
 * kernel, as root, in the name of `owner`, a path: owners do not end each other's. Returns the platforms that are emulated
 * for this owner from now on. May throw a PrerequisiteError.
 */
export async function provideEmulation(
  platforms: readonly Platform[],
  owner: string,
  docker: Pick<DockerEngine, 'cli' | 'host'>,
  note: (line: string) => void,
): Promise<readonly Platform[]> {
  const own: Platform[] = [];
  for (const platform of platforms) {
    const name = registrationOf(platform, owner);
    const mayGo = isRoot() && isOfAnother(name);
    if ((await canRunOn(platform, docker)) && !mayGo) continue;
    await register(platform, name, note);
    if (!(await canRunOn(platform, docker))) {
      await endEmulation(owner);
      throw new PrerequisiteError(
        `the Docker Engine at ${docker.host} runs no programs for ${platform}, although this machine emulated them`,
        `set that up on its machine (on Debian and Ubuntu: ${INSTALL}), or take the engine of this one (unset DOCKER_HOST, docker context use default)`,
      );
    }
    own.push(platform);
  }
  return own;
}

/** Removes the owner's registrations, and the mount that was made for them. Returns the platforms. */
export async function endEmulation(owner: string): Promise<readonly Platform[]> {
  const platforms = Object.keys(PROCESSORS) as Platform[];
  const ended = platforms.filter((platform) => {
    const name = registrationOf(platform, owner);
    if (!registrations().includes(name)) return false;
    writeFileSync(join(REGISTRATIONS, name), '-1');
    return true;
  });
  // A run may have ended after the mount.
  if (registrations().length === 0 && isMountedBy(PROJECT)) {
    // Another program may have its folder open.
    await tryCommand('umount', [REGISTRATIONS]);
  }
  return ended;
}

async function register(platform: Platform, name: string, note: (line: string) => void) {
  if (registrations().includes(name)) return;
  const { emulator } = PROCESSORS[platform];
  if (process.platform !== 'linux') {
    throw new PrerequisiteError(
      `the Docker Engine runs no programs for ${platform}, and only on Linux can npm start set that up`,
      'take an engine that emulates other processors, as that of Docker Desktop does',
    );
  }
  if (!isRoot()) {
    throw new PrerequisiteError(
      `the Docker Engine runs no programs for ${platform}, and only root can set that up`,
      `have root do it (on Debian and Ubuntu: ${INSTALL})`,
    );
  }
  const program = await debianProgram(emulator, PACKAGE, note);
  note(`registering ${program} for ${platform} with the kernel, until npm stop`);
  try {
    if (!isMountedBy()) {
      await runCommand('mount', ['-t', 'binfmt_misc', PROJECT, REGISTRATIONS]);
    }
    writeFileSync(join(REGISTRATIONS, 'register'), registration(platform, name, program));
  } catch (cause) {
    throw new PrerequisiteError(
      `an emulator for ${platform} can't be registered: ${messageOf(cause)}`,
      'run this on the machine itself, whose kernel needs binfmt_misc, or in a container that may mount it',
      { cause },
    );
  }
}

/** A line for the kernel: the first bytes of such programs, which of their bits count, and what runs them. */
export function registration(platform: Platform, name: string, program: string): string {
  const magic = programHeader(platform).subarray(0, 20);
  const mask = Buffer.alloc(magic.length, 0xff);
  // Any system, and programs that may lie anywhere in memory too.
  mask[7] = 0x00;
  mask[16] = 0xfe;
  const escaped = (bytes: Uint8Array) =>
    [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `:${name}:M::${escaped(magic)}:${escaped(mask)}:${program}:${FLAGS}`;
}

function registrationOf(platform: Platform, owner: string): string {
  const place = createHash('sha256').update(owner).digest('hex').slice(0, 12);
  return `${PROJECT}-${place}-${PROCESSORS[platform].emulator}`;
}

/** Whether another owner has registered the same emulator, and may end that at any time. */
function isOfAnother(own: string): boolean {
  const emulator = own.slice(own.lastIndexOf('qemu-'));
  return registrations().some(
    (name) => name.startsWith(PROJECT) && name.endsWith(emulator) && name !== own,
  );
}

/** The names of all registrations; none where the kernel has no such folder. */
function registrations(): readonly string[] {
  try {
    return readdirSync(REGISTRATIONS).filter((name) => !['register', 'status'].includes(name));
  } catch {
    return [];
  }
}

function isMountedBy(source?: string): boolean {
  if (process.platform !== 'linux') return false;
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts.some((line) => {
    const [from, folder, type] = line.split(' ');
    return (
      folder === REGISTRATIONS &&
      type === 'binfmt_misc' &&
      (source === undefined || from === source)
    );
  });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
