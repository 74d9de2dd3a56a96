import { canInstallPackages, installDebianPackages } from './debian-package.ts';
import { findCommand } from './find-command.ts';
import { PrerequisiteError } from './prerequisite-error.ts';

/**
 * The absolute path of a program: the one on PATH, else, as root on Debian or Ubuntu, the one of the
 * package, which is installed then. Throws a PrerequisiteError where neither can be.
 */
export async function debianProgram(
  name: string,
  debianPackage: string,
  note: (line: string) => void,
): Promise<string> {
  const found = findCommand(name);
  if (found !== undefined) return found;
  if (canInstallPackages()) await installDebianPackages([debianPackage], note);
  const installed = findCommand(name);
  if (installed !== undefined) return installed;
  throw new PrerequisiteError(
    `there is no ${name} on PATH`,
    `install it (on Debian and Ubuntu: apt-get install ${debianPackage})`,
  );
}
