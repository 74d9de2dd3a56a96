import { expect, test } from 'vitest';
import { MAX_DOCUMENT_BYTES } from '../../src/yaml/read-text.ts';
import { loadCatalog } from '../../src/catalog/parse-catalog.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { CATALOG, CHECKOUT } from './checkout.ts';

function codesOf(tree: FileTree): readonly string[] {
  return loadCatalog(tree, CATALOG).problems.map(({ code }) => code);
}

function padded(bytes: number): FileTree {
  const text = CHECKOUT[CATALOG] ?? '';
  return memoryTree({ ...CHECKOUT, [CATALOG]: `${text}#${'x'.repeat(bytes - text.length - 1)}` });
}

test('a file of 50 MB is refused unread', () => {
  const tree: FileTree = {
    ...memoryTree(CHECKOUT),
    size: () => 50_000_000,
    read: () => {
      throw new Error('the file was read');
    },
  };
  expect(codesOf(tree)).toEqual(['FILE_TOO_LARGE']);
});

test('a file that grows while it is read is read no further than the limit', () => {
  let pieces = 0;
  const tree: FileTree = {
    ...memoryTree(CHECKOUT),
    read: function* () {
      for (; ; pieces++) yield new Uint8Array(64 * 1024).fill(0x20);
    },
  };
  expect(codesOf(tree)).toEqual(['FILE_TOO_LARGE']);
  expect(pieces).toBe(16); // 1 MiB / 64 KiB: the next piece is one too many
});

test('the limit is 1 MiB, to the byte', () => {
  expect(codesOf(padded(MAX_DOCUMENT_BYTES))).toEqual([]);
  expect(codesOf(padded(MAX_DOCUMENT_BYTES + 1))).toEqual(['FILE_TOO_LARGE']);
});

test('a character that is cut in two by a read stays whole', () => {
  // The tree reads in two halves; an odd number of bytes before two-byte letters cuts one of them.
  const texts = ['', ' '].map((pad) => `${CHECKOUT[CATALOG] ?? ''}#${pad}${'ä'.repeat(2000)}`);
  for (const text of texts) {
    expect(codesOf(memoryTree({ ...CHECKOUT, [CATALOG]: text }))).toEqual([]);
  }
});

test('a letter that was begun and never ended is no UTF-8', () => {
  const bytes = new Uint8Array([...new TextEncoder().encode(CHECKOUT[CATALOG]), 0x23, 0xc3]);
  expect(codesOf(memoryTree({ ...CHECKOUT, [CATALOG]: bytes }))).toEqual(['NOT_UTF8']);
});
