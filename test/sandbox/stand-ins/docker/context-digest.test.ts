import { createHash } from 'node:crypto';
import { constants, chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  contextDigest,
  goFileMode,
} from '../../../../infra/sandbox/stand-ins/docker/context-digest.ts';

let root: string;
let context: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'context-digest-'));
  context = join(root, 'app');
  mkdirSync(join(context, 'etc'), { recursive: true });
  write('Dockerfile', 'FROM scratch\n');
  write('etc/motd', 'hello\n');
  write('etc/secret', 'one\n');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  writeFileSync(join(context, path), text);
  chmodSync(join(context, path), 0o644);
}

function digest(): Promise<string> {
  return contextDigest(context, join(context, 'Dockerfile'));
}

describe('contextDigest', () => {
  test('is made of name, mode and content of each file, the Dockerfile first and under a fixed name', async () => {
    const part = (name: string, mode: string, content: string) =>
      Buffer.concat([
        Buffer.from(name + mode),
        createHash('sha256').update(content).digest(),
        Buffer.from([0]),
      ]);
    const expected = createHash('sha256')
      .update(part('Dockerfile', '----------', 'FROM scratch\n'))
      .update(part('Dockerfile', '-rw-r--r--', 'FROM scratch\n'))
      .update(part('etc/motd', '-rw-r--r--', 'hello\n'))
      .update(part('etc/secret', '-rw-r--r--', 'one\n'))
      .digest('hex');
    expect(await digest()).toBe(expected);
  });

  const changes: Readonly<Record<string, () => void>> = {
    content: () => {
      write('etc/motd', 'hullo\n');
    },
    'a name': () => {
      renameSync(join(context, 'etc/motd'), join(context, 'etc/issue'));
    },
    'any mode bit': () => {
      chmodSync(join(context, 'etc/motd'), 0o640);
    },
    'the Dockerfile': () => {
      write('Dockerfile', 'FROM scratch\nUSER 1\n');
    },
  };
  test.each(Object.entries(changes))('changes with %s', async (_, change) => {
    const before = await digest();
    change();
    expect(await digest()).not.toBe(before);
  });

  test('is the same at another place', async () => {
    const copy = join(root, 'copy');
    cpSync(context, copy, { recursive: true });
    expect(await contextDigest(copy, join(copy, 'Dockerfile'))).toBe(await digest());
  });

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['the .dockerignore of the context', { '.dockerignore': 'etc/secret\n' }, 'secret', 'motd'],
    [
      '<Dockerfile>.dockerignore, and not the .dockerignore of the context',
      { '.dockerignore': 'etc/secret\n', 'Dockerfile.dockerignore': 'etc/motd\n' },
      'motd',
      'secret',
    ],
    [
      'an ignored directory but the files that a later rule takes back',
      { '.dockerignore': 'etc\n!etc/motd\n' },
      'secret',
      'motd',
    ],
  ])('leaves out %s', async (_, files, ignored, kept) => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    const before = await digest();
    write(`etc/${ignored}`, 'changed\n');
    expect(await digest()).toBe(before);
    write(`etc/${kept}`, 'changed\n');
    expect(await digest()).not.toBe(before);
  });

  test('follows a symlink to its name, not to its content', async () => {
    symlinkSync('motd', join(context, 'etc/link'));
    const before = await digest();
    rmSync(join(context, 'etc/link'));
    symlinkSync('secret', join(context, 'etc/link'));
    expect(await digest()).not.toBe(before);
  });

  test('a symlink to nothing is an error, as in the official plug-in', async () => {
    symlinkSync('/nowhere', join(context, 'etc/link'));
    await expect(digest()).rejects.toThrow(/etc\/link is a symlink to nothing/);
  });
});

// Right column: what Go prints for fs.FileMode.String.
test.each([
  [constants.S_IFREG | 0o644, '-rw-r--r--'],
  [constants.S_IFREG | 0o755, '-rwxr-xr-x'],
  [constants.S_IFLNK | 0o777, 'Lrwxrwxrwx'],
])('mode %o is %s, as Go prints it', (mode, text) => {
  expect(goFileMode(mode)).toBe(text);
});
