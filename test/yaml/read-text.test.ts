import { expect, test } from 'vitest';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { collectProblems, type Problem } from '../../src/problem.ts';
import { loadText, MAX_DOCUMENT_BYTES } from '../../src/yaml/read-text.ts';

const FILE = 'f.yml';

/** The text of a file, or the codes of its problems. */
function loaded(tree: FileTree): string {
  const problems: Problem[] = [];
  const text = collectProblems(problems, () => loadText(tree, FILE, 'file'));
  return text ?? problems.map(({ code }) => code).join();
}

const LIMIT = '#'.repeat(MAX_DOCUMENT_BYTES);

// The tree reads in two halves, which cuts a two-byte letter behind an odd number of bytes.
test.each<[name: string, file: MemoryFile, expected: string]>([
  ['of 1 MiB is read', LIMIT, LIMIT],
  ['of a byte more is too large', `${LIMIT}#`, 'FILE_TOO_LARGE'],
  ['with a letter cut by a read is whole', `#${'ä'.repeat(2000)}`, `#${'ä'.repeat(2000)}`],
  ['with half a letter at its end is no UTF-8', new Uint8Array([0x23, 0xc3]), 'NOT_UTF8'],
  ['that is a symlink is missing', { symlink: 'x' }, 'FILE_MISSING'],
])('a file %s', (_, file, expected) => {
  expect(loaded(memoryTree({ [FILE]: file }))).toBe(expected);
});

test('a file of 50 MB is not read', () => {
  const read = () => {
    throw new Error('the file was read');
  };
  const tree = { ...memoryTree({ [FILE]: '' }), size: () => 50_000_000, read };
  expect(loaded(tree)).toBe('FILE_TOO_LARGE');
});

test('a file that grows while it is read is read no further than the limit', () => {
  let pieces = 0;
  const read = function* () {
    for (; ; pieces++) yield new Uint8Array(64 * 1024).fill(0x20);
  };
  expect(loaded({ ...memoryTree({ [FILE]: '' }), read })).toBe('FILE_TOO_LARGE');
  expect(pieces).toBe(16); // 1 MiB / 64 KiB: the next piece is one too many
});
