import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFiles } from './git-repository.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { emptyHashCache, hashContext } from '../../src/tag/hash-context.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { memoryTree } from '../support/memory-tree.ts';

const FILES = {
  'ctx/link': { symlink: 'bin/run' },
  'ctx/ä': '',
  'ctx/bin/run': { executable: 'run' },
  'ctx/Dockerfile': 'FROM x',
};

function checkout(place = temporaryFolder()): string {
  writeFiles(place, FILES);
  return place;
}

function hashOf(tree: FileTree): string {
  return hashContext({ context: 'ctx', dockerfile: 'ctx/Dockerfile' }, tree, emptyHashCache());
}

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
    const run = { content: 'run', executable: true };
    expect(onDisk()).toBe(hashOf(memoryTree({ ...FILES, 'ctx/bin/run': run })));
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
