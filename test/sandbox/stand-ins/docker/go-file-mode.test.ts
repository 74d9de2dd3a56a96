import { constants } from 'node:fs';
import { expect, test } from 'vitest';
import { goFileMode } from '../../../../infra/sandbox/stand-ins/docker/context-digest.ts';

const { S_IFREG, S_IFLNK, S_IFDIR, S_IFCHR } = constants;

// Right column: what Go prints for fs.FileMode.String.
test.each([
  [S_IFREG | 0o644, '-rw-r--r--'],
  [S_IFREG | 0o755, '-rwxr-xr-x'],
  [S_IFREG | 0o4755, 'urwxr-xr-x'],
  [S_IFREG | 0o6755, 'ugrwxr-xr-x'],
  [S_IFLNK | 0o777, 'Lrwxrwxrwx'],
  [S_IFDIR | 0o1777, 'dtrwxrwxrwx'],
  [S_IFCHR | 0o600, 'Dcrw-------'],
])('mode %o is %s, as Go prints it', (mode, text) => {
  expect(goFileMode(mode)).toBe(text);
});
