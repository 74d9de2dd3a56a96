import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { emptyHashCache, hashContext } from '../../src/tag/hash-context.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { memoryTree } from '../support/memory-tree.ts';

/** The same few files, on disk. */
function checkout(place = temporaryFolder()): string {
  mkdirSync(join(place, 'ctx/bin'), { recursive: true });
  writeFileSync(join(place, 'ctx/Dockerfile'), 'FROM x');
  writeFileSync(join(place, 'ctx/bin/run'), 'run');
  chmodSync(join(place, 'ctx/bin/run'), 0o755);
  writeFileSync(join(place, 'ctx/ä'), '');
  symlinkSync('bin/run', join(place, 'ctx/link'));
  return place;
}

function hashOf(tree: FileTree): string {
  return hashContext({ context: 'ctx', dockerfile: 'ctx/Dockerfile' }, tree, emptyHashCache());
}

function contentOf(tree: FileTree, path: string): Buffer {
  return Buffer.concat([...tree.read(path)]);
}

test('reads what is on disk', () => {
  const tree = workingTree(checkout());
  expect(tree.entry('')?.kind).toBe('directory');
  expect(tree.list('ctx').toSorted()).toEqual(['Dockerfile', 'bin', 'link', 'ä']);
  expect(tree.entry('ctx/bin/run')).toEqual({ kind: 'file', executable: true });
  expect(tree.entry('ctx/Dockerfile')).toEqual({ kind: 'file', executable: false });
  expect(tree.entry('ctx/link')?.kind).toBe('symlink');
  expect(tree.readLink('ctx/link')).toBe('bin/run');
  expect(tree.size('ctx/bin/run')).toBe(3);
  expect(contentOf(tree, 'ctx/bin/run').toString()).toBe('run');
  expect(contentOf(tree, 'ctx/ä').length).toBe(0);
});

test('pieces of a large file can all be kept', () => {
  const place = temporaryFolder();
  const content = Buffer.alloc(2 * 1024 * 1024 + 1, 'x').fill('y', 1024 * 1024);
  writeFileSync(join(place, 'large'), content);
  const tree = workingTree(place);
  expect([...tree.read('large')].length).toBeGreaterThan(1);
  expect(contentOf(tree, 'large').equals(content)).toBe(true);
});

test('nothing is where a parent is no directory', () => {
  const tree = workingTree(checkout());
  expect(tree.entry('ctx/Dockerfile/x')).toBeUndefined();
  expect(tree.entry('none/x')).toBeUndefined();
  expect(() => tree.read('none')).toThrow('none');
});

test('nothing is reached through a symlink', () => {
  const place = checkout();
  symlinkSync('ctx', join(place, 'alias'));
  const tree = workingTree(place);
  expect(tree.entry('alias/Dockerfile')).toBeUndefined();
  expect(() => tree.list('alias')).toThrow('symlink');
  expect(() => tree.read('ctx/link')).toThrow('symlink');
});

test.each(['..', '../x', 'ctx/../../x', '/etc/passwd', './ctx', 'ctx/', 'a\0b'])(
  'a path that leaves the checkout or is not in its plainest form throws: %j',
  (path) => {
    const tree = workingTree(checkout());
    expect(() => tree.entry(path)).toThrow(RangeError);
    expect(() => tree.read(path)).toThrow(RangeError);
  },
);

test('a fifo is reported and never opened', () => {
  const place = temporaryFolder();
  expect(spawnSync('mkfifo', [join(place, 'pipe')]).status).toBe(0);
  const tree = workingTree(place);
  expect(tree.entry('pipe')?.kind).toBe('other');
  expect(() => tree.read('pipe')).toThrow('pipe');
});

test('a name that starts with a byte order mark keeps it', () => {
  const place = temporaryFolder();
  writeFileSync(join(place, '\uFEFFx'), '');
  expect(workingTree(place).list('')).toEqual(['\uFEFFx']);
});

test('a name that is not UTF-8 is refused, not mangled', () => {
  const place = temporaryFolder();
  writeFileSync(Buffer.concat([Buffer.from(`${place}/a`), Buffer.of(0xff)]), '');
  expect(() => workingTree(place).list('')).toThrow(/FILE_NAME_ENCODING/);
});

describe('a context hashes the same', () => {
  const onDisk = (): string => hashOf(workingTree(checkout()));

  test('in memory and on disk', () => {
    const tree = memoryTree({
      'ctx/link': { symlink: 'bin/run' },
      'ctx/ä': '',
      'ctx/bin/run': { content: 'run', executable: true },
      'ctx/Dockerfile': 'FROM x',
    });
    expect(onDisk()).toBe(hashOf(tree));
  });

  test('in another place', () => {
    const place = join(temporaryFolder(), 'deep/down');
    expect(hashOf(workingTree(checkout(place)))).toBe(onDisk());
  });

  test('whatever the times, and the modes but for the owner who may execute', () => {
    const place = checkout();
    chmodSync(join(place, 'ctx/bin/run'), 0o700);
    chmodSync(join(place, 'ctx/ä'), 0o655);
    chmodSync(join(place, 'ctx/bin'), 0o700);
    utimesSync(join(place, 'ctx/ä'), 1, 1);
    expect(hashOf(workingTree(place))).toBe(onDisk());
  });

  test('with an empty directory more, which no commit could hold', () => {
    const place = checkout();
    mkdirSync(join(place, 'ctx/empty'));
    expect(hashOf(workingTree(place))).toBe(onDisk());
  });
});
