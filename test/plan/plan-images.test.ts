import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Image } from '../../src/catalog/image.ts';
import { formatImageReference, parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { planImages } from '../../src/plan/plan-catalog.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { imageFixture } from '../tag/image-fixture.ts';

const SETTINGS = {
  registry: parseRegistry('registry.test:5000') ?? fail(),
  repositoryPrefix: parseRepository('ci/images') ?? fail(),
};

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

function tagsByName(images: readonly Image[]): Record<string, string> {
  return Object.fromEntries(planImages(images, SETTINGS, TREE).map(({ name, tag }) => [name, tag]));
}

test('an image is planned as registry/prefix/name:tag', () => {
  const [planned] = planImages(
    [imageFixture({ context: 'a', dockerfile: 'a/Dockerfile' })],
    SETTINGS,
    TREE,
  );
  expect(planned).toMatchObject({
    registry: 'registry.test:5000',
    repository: 'ci/images/debian-12',
  });
  expect(planned && formatImageReference(planned.reference)).toBe(
    `registry.test:5000/ci/images/debian-12:${String(planned?.tag)}`,
  );
});

test('permuting the catalog changes no tag', () => {
  const property = fc.property(catalog, fc.array(fc.nat()), (images, keys) => {
    const order = (index: number): number => keys[index] ?? index;
    const permuted = images.map((_, index) => index).sort((a, b) => order(a) - order(b));
    const shuffled = permuted.flatMap((index) => images[index] ?? []);
    expect(tagsByName(shuffled)).toEqual(tagsByName(images));
  });
  fc.assert(property);
});

test('adding images changes no other tag', () => {
  const property = fc.property(catalog, fc.nat(8), (images, count) => {
    expect(tagsByName(images)).toMatchObject(tagsByName(images.slice(0, count)));
  });
  fc.assert(property);
});

test('where images are published does not matter to their tags', () => {
  const property = fc.property(catalog, (images) => {
    const elsewhere = { ...SETTINGS, registry: parseRegistry('other.test') ?? fail() };
    const moved = planImages(images, elsewhere, TREE).map(({ name, tag }) => [name, tag]);
    expect(Object.fromEntries(moved)).toEqual(tagsByName(images));
  });
  fc.assert(property);
});

test('planning changes neither the catalog nor its images', () => {
  const property = fc.property(catalog, (images) => {
    const before = structuredClone(images);
    planImages(images, SETTINGS, TREE);
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
  planImages(
    names.map((name) => imageFixture({ name, ...context })),
    SETTINGS,
    counting,
  );
  // The Dockerfile, and the ignore file twice: once for its rules, once as a file of the context.
  expect(reads.toSorted()).toEqual(['b/.dockerignore', 'b/.dockerignore', 'b/Dockerfile']);
});

function fail(): never {
  throw new Error('not valid');
}
