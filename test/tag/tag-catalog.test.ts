import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BuiltImage } from '../../src/catalog/image.ts';
import { tagCatalog } from '../../src/tag/tag-catalog.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { imageFixture } from './image-fixture.ts';

const TREE = memoryTree({
  'a/Dockerfile': 'FROM x',
  'a/file': 'x',
  'b/Dockerfile': 'FROM y',
  'b/.dockerignore': '*.log',
});

const image = fc
  .record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    version: fc.constantFrom('12', '13'),
    context: fc.constantFrom('a', 'b'),
    platform: fc.constantFrom('linux/amd64', 'linux/arm64'),
    args: fc.dictionary(fc.constantFrom('X', 'Y'), fc.constantFrom('1', '2')),
  })
  .map((fields) => imageFixture({ ...fields, dockerfile: `${fields.context}/Dockerfile` }));
const catalog = fc.uniqueArray(image, { minLength: 1, maxLength: 8, selector: ({ name }) => name });

function tagsOf(images: readonly BuiltImage[], tree = TREE) {
  const location = { file: 'images.yml', path: '' };
  const entries = images.map((image) => {
    const { context, dockerfile } = image;
    return { image, build: { context, dockerfile }, location };
  });
  const tagged = tagCatalog({ entries, problems: [] }, tree);
  expect(tagged.problems).toEqual([]);
  return Object.fromEntries(tagged.images.map(({ name, tag }) => [name, tag]));
}

test('permuting the catalog changes no tag', () => {
  const property = fc.property(catalog, fc.array(fc.nat()), (images, keys) => {
    const order = (index: number): number => keys[index] ?? index;
    const permuted = images.map((_, index) => index).sort((a, b) => order(a) - order(b));
    const shuffled = permuted.flatMap((index) => images[index] ?? []);
    expect(tagsOf(shuffled)).toEqual(tagsOf(images));
  });
  fc.assert(property);
});

test('adding images changes no other tag', () => {
  const property = fc.property(catalog, fc.nat(8), (images, count) => {
    expect(tagsOf(images)).toMatchObject(tagsOf(images.slice(0, count)));
  });
  fc.assert(property);
});

test('computing tags changes neither the catalog nor its images', () => {
  const property = fc.property(catalog, (images) => {
    const before = structuredClone(images);
    tagsOf(images);
    expect(images).toEqual(before);
  });
  fc.assert(property);
});

test('a file is read once, however many images share it', () => {
  const reads: string[] = [];
  const counting: FileTree = {
    ...TREE,
    read: (path) => {
      reads.push(path);
      return TREE.read(path);
    },
  };
  const context = { context: 'b', dockerfile: 'b/Dockerfile' };
  const names = Array.from({ length: 50 }, (_, index) => `image-${index}`);
  tagsOf(
    names.map((name) => imageFixture({ name, ...context })),
    counting,
  );
  // The Dockerfile, and the ignore file twice: once for its rules, once as a file of the context.
  expect(reads.toSorted()).toEqual(['b/.dockerignore', 'b/.dockerignore', 'b/Dockerfile']);
});
