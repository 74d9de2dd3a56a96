import { lstatSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Puts an executable of this checkout where the engine looks for a plug-in, as a symlink in the
 * plug-in's `directory`, so that it is always the checkout's current one. A real file in its place is
 * an official plug-in, and is left alone.
 */
export function linkPlugIn(executable: string, directory: string): void {
  const link = join(directory, basename(executable));
  const present = lstatSync(link, { throwIfNoEntry: false });
  if (present !== undefined && !present.isSymbolicLink()) return;
  mkdirSync(directory, { recursive: true });
  // Renamed into place, so that an engine that starts just now finds the old one or the new one.
  const beside = `${link}.${String(process.pid)}`;
  symlinkSync(executable, beside);
  renameSync(beside, link);
}
