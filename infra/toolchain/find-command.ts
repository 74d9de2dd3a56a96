import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Every executable of that name in the folders of `path` (a PATH), in their order. */
export function findCommands(name: string, path = process.env['PATH'] ?? ''): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isExecutable);
}

/** The executable that a shell would run, looking into the system's folders at the end. */
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
