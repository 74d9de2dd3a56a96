import { posix } from 'node:path';
import type { EntryKind, FileTree } from '../file-tree.ts';

/** Why a path can't be used: it leaves the checkout, or what is there is not what was meant. */
export type PathFlaw =
  | { readonly flaw: 'outside'; readonly problem: string }
  | { readonly flaw: 'missing'; readonly problem: string };

/**
 * Resolves what is written in a catalog to a path relative to the checkout, against `from`. Symlinks on
 * the way are refused even where they lead back inside: what they lead to is not what gets hashed.
 */
export function resolveInCheckout(
  tree: FileTree,
  from: string,
  written: string,
  kind: 'file' | 'directory',
): { readonly path: string } | PathFlaw {
  // A real file system answers a NUL with an exception.
  if (written.includes('\0')) return { flaw: 'missing', problem: 'no path holds a NUL character' };
  if (posix.isAbsolute(written)) return { flaw: 'outside', problem: 'the path is absolute' };
  const joined = posix.join(from, written).replace(/\/+$/, '');
  const path = joined === '.' ? '' : joined;
  if (path === '..' || path.startsWith('../')) {
    return { flaw: 'outside', problem: 'the path leaves the checkout' };
  }

  const link = parentsOf(path).find((parent) => tree.entry(parent)?.kind === 'symlink');
  if (link !== undefined) return { flaw: 'outside', problem: `${link} is a symlink` };
  const found = tree.entry(path)?.kind;
  if (found === kind) return { path };
  const problem =
    found === undefined ? `nothing is at ${path}` : `${path} is ${NAMES[found]}, no ${kind}`;
  return { flaw: 'missing', problem };
}

const NAMES = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symlink',
  other: 'neither file nor directory',
} as const satisfies Record<EntryKind, string>;

/** `a`, `a/b`, `a/b/c` for `a/b/c`. */
function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, end) => parts.slice(0, end + 1).join('/'));
}
