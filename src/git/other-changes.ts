import { runQuietly } from './run-quietly.ts';

/** What else than `file` differs from HEAD or is unknown to git: paths, without what is ignored. */
export function otherChanges(checkout: string, file: string): readonly string[] {
  const listing = runQuietly(checkout, ['status', '--porcelain', '-z', '--no-renames']);
  const paths = listing.split('\0').map((entry) => entry.slice('XY '.length));
  return paths.filter((path) => path !== '' && path !== file);
}
