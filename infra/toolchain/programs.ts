import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PrerequisiteError } from './prerequisite-error.ts';
import { type CommandOptions, runCommand } from './run-command.ts';

/** Every executable of that name in the folders of `path` (a PATH), in their order. */
export function findCommands(name: string, path = process.env['PATH'] ?? ''): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isExecutable);
}

/** The executable that a shell would run; after PATH, looks into the system's folders. */
export function findCommand(name: string): string | undefined {
  const [first] = findCommands(name);
  // Daemons live in sbin, which is not on every user's PATH.
  return first ?? findCommands(name, ['/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter))[0];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether this process may install Debian packages: root, on a system with apt-get. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && findCommand('apt-get') !== undefined;
}

/** Installs packages without their recommended ones. Calls `note` first, since this changes the machine. */
export async function installDebianPackages(
  packages: readonly string[],
  note: (line: string) => void,
): Promise<void> {
  note(`apt-get install ${packages.join(' ')}`);
  const options: CommandOptions = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  };
  const flags = ['-y', '-q', '--no-install-recommends', '-oDPkg::Lock::Timeout=300'];
  const install = ['install', ...flags, ...packages];
  try {
    await runCommand('apt-get', install, options);
  } catch {
    // Most often the package lists are missing or too old. Another problem fails the second run too.
    await runCommand('apt-get', ['update', '-q'], options);
    await runCommand('apt-get', install, options);
  }
}

/** The path of a program: on PATH, or from a package that is installed now. May throw a PrerequisiteError. */
export async function debianProgram(
  name: string,
  debianPackage: string,
  note: (line: string) => void,
): Promise<string> {
  if (findCommand(name) === undefined && canInstallPackages()) {
    await installDebianPackages([debianPackage], note);
  }
  const found = findCommand(name);
  if (found !== undefined) return found;
  throw new PrerequisiteError(
    `there is no ${name} on PATH`,
    `install it (on Debian and Ubuntu: apt-get install ${debianPackage})`,
  );
}

/** Finds or installs the programs that make disks. Returns their paths; may throw a PrerequisiteError. */
export async function provideDiskPrograms(
  note: (line: string) => void,
): Promise<{ readonly qemuImg: string; readonly xz: string }> {
  return {
    qemuImg: await debianProgram('qemu-img', 'qemu-utils', note),
    xz: await debianProgram('xz', 'xz-utils', note),
  };
}

/** Finds or installs the program that boots a disk of linux/amd64. May throw a PrerequisiteError. */
export async function provideQemu(note: (line: string) => void): Promise<string> {
  return debianProgram('qemu-system-x86_64', 'qemu-system-x86', note);
}

/** Finds or installs the browser that tests of the page run. May throw a PrerequisiteError. */
export async function provideChromium(note: (line: string) => void): Promise<string> {
  return debianProgram('chromium', 'chromium', note);
}

/** Numbers of a dotted version, most significant first, without a suffix (`-rc.1`, `+build`). */
type Version = readonly number[];

/** Reads `v3.274.1`, `20.10.24+dfsg1` and the like; `undefined` when no number leads. */
export function parseVersion(text: string): Version | undefined {
  const numbers = /^v?(\d+(?:\.\d+)*)/.exec(text.trim())?.[1];
  return numbers?.split('.').map(Number);
}

/** Numerically, part by part, so that 3.99 is older than 3.215; missing parts count as 0. */
export function isAtLeast(version: Version, minimum: Version): boolean {
  for (let part = 0; part < Math.max(version.length, minimum.length); part++) {
    const difference = (version[part] ?? 0) - (minimum[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
