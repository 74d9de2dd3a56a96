import { constants } from 'node:fs';

/** Letters of Go's `fs.FileMode.String`, in its order. */
const KINDS: readonly (readonly [type: number, letters: string])[] = [
  [constants.S_IFDIR, 'd'],
  [constants.S_IFLNK, 'L'],
  [constants.S_IFBLK, 'D'],
  [constants.S_IFIFO, 'p'],
  [constants.S_IFSOCK, 'S'],
  [constants.S_IFCHR, 'Dc'],
];
const SPECIAL: readonly (readonly [bit: number, letter: string])[] = [
  [0o4000, 'u'],
  [0o2000, 'g'],
  [0o1000, 't'],
];

/** A file's mode as Go prints it, such as `-rwxr-xr-x`, `Lrwxrwxrwx` or `urwxr-xr-x`. */
export function goFileMode(mode: number): string {
  const kind = KINDS.find(([type]) => (mode & constants.S_IFMT) === type)?.[1] ?? '';
  const special = SPECIAL.filter(([bit]) => (mode & bit) !== 0).map(([, letter]) => letter);
  const permissions = 'rwxrwxrwx'
    .split('')
    .map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-'));
  return [kind + special.join('') || '-', ...permissions].join('');
}
