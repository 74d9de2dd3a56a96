import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * Where fetched repositories are kept for all checkouts of a user: what is fetched once is quicker the
 * next time, and deleting it loses nothing (XDG base directory specification).
 */
export function cacheFolder(env: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const set = env['XDG_CACHE_HOME'];
  // The specification ignores relative paths.
  const base = set?.startsWith('/') === true ? set : join(homedir(), '.cache');
  return join(base, 'kubernetes-ci-images');
}
