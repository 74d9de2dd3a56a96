import { findCommand } from './find-command.ts';
import { type CommandOptions, runCommand } from './run-command.ts';

/** Whether this process may install Debian packages: root, on a system with apt-get. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && findCommand('apt-get') !== undefined;
}

/**
 * Installs packages without their recommended ones. `note` is told first, since this changes the
 * machine beyond the checkout.
 */
export async function installDebianPackages(
  packages: readonly string[],
  note: (line: string) => void,
): Promise<void> {
  note(`apt-get install ${packages.join(' ')}`);
  const options: CommandOptions = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  };
  const install = [
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    '-oDPkg::Lock::Timeout=300',
    ...packages,
  ];
  try {
    await runCommand('apt-get', install, options);
  } catch {
    // Most often the package lists are missing or too old; then the second try tells what is wrong.
    await runCommand('apt-get', ['update', '-q'], options);
    await runCommand('apt-get', install, options);
  }
}
