import { expect, test } from 'vitest';
import { gitRepository } from './git-repository.ts';
import { blobStore } from '../../src/git/git-objects.ts';

function text(pieces: Iterable<Uint8Array>): string {
  return Buffer.concat([...pieces]).toString();
}

function repositoryOf(...contents: readonly string[]) {
  const repository = gitRepository();
  const files = contents.map((content, at): [string, string] => [`f${at}`, content]);
  repository.branch('main', Object.fromEntries(files));
  const blobs = contents.map((content, at) => ({
    blob: repository.git('rev-parse', `main:f${at}`),
    size: content.length,
  }));
  return { store: blobStore(repository.root), blobs };
}

test('contents are read back, in whatever order and however they were got', () => {
  const { store, blobs } = repositoryOf('one', '', 'three\n');
  store.load(blobs.slice(2));
  store.load([...blobs, ...blobs]);
  expect(blobs.map(({ blob }) => text(store.read(blob)))).toEqual(['one', '', 'three\n']);
});

test('what was not got is not there', () => {
  const { store, blobs } = repositoryOf('one');
  const [{ blob } = { blob: '' }] = blobs;
  expect(store.has(blob)).toBe(false);
  expect(() => store.read(blob)).toThrow('not loaded');
});

test('an object that the repository lacks is never taken for an empty one', () => {
  const { store, blobs } = repositoryOf('one');
  const lacking = { blob: 'a'.repeat(40), size: 3 };
  expect(() => {
    store.load([lacking, ...blobs]);
  }).toThrow(`${lacking.blob} is missing`);
  expect(store.has(lacking.blob)).toBe(false);
  store.load(blobs);
  expect(blobs.map(({ blob }) => text(store.read(blob)))).toEqual(['one']);
});
