import { readdirSync, readlinkSync } from 'node:fs';

/** The ids of the processes that work in a folder, as its engine, program and plug-ins do. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && workingFolder(pid) === folder);
}

/** `undefined` for one that has just ended. */
function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
