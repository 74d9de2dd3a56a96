import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * The folder for what all checkouts of a user share: fetched repositories, downloads, disks, the engine. Deleting
 * it loses nothing (XDG base directory specification).
 */
export function cacheFolder(env: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const set = env['XDG_CACHE_HOME'];
  // The specification ignores relative paths.
  const base = set?.startsWith('/') === true ? set : join(homedir(), '.cache');
  return join(base, 'kubernetes-ci-images');
}
