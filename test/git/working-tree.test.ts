import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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

test.each<[string, (place: string) => void]>([
  ['in memory', () => undefined],
  [
    'whatever the times, and the modes but for the owner who may execute',
    (place) => {
      chmodSync(join(place, 'ctx/bin/run'), 0o700);
      chmodSync(join(place, 'ctx/ä'), 0o655);
      chmodSync(join(place, 'ctx/bin'), 0o700);
      utimesSync(join(place, 'ctx/ä'), 1, 1);
    },
  ],
  [
    'with an empty directory more, which no commit could hold',
    (place) => {
      mkdirSync(join(place, 'ctx/empty'));
    },
  ],
])('a context hashes the same %s', (_, change) => {
  const place = join(temporaryFolder(), 'deep/down');
  writeFiles(place, FILES);
  change(place);
  const run = { content: 'run', executable: true };
  expect(hashOf(workingTree(place))).toBe(hashOf(memoryTree({ ...FILES, 'ctx/bin/run': run })));
});
