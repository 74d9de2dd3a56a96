import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadTaggedImages } from '../../src/tag/tag-catalog.ts';
import { memoryTree } from '../support/memory-tree.ts';

/**
 * The catalog of 2026-11-29 with its contexts, and the tag that each image had then. Never to be written
 * anew: images with these tags are published, and a tag that changes is an image that is built again.
 */
const GOLDEN = z
  .object({ files: z.record(z.string(), z.string()), tags: z.record(z.string(), z.string()) })
  .parse(
    JSON.parse(readFileSync(new URL('fixtures/golden-catalog.json', import.meta.url), 'utf8')),
  );

test('each image of a catalog that was published keeps its tag', () => {
  const planned = loadTaggedImages(memoryTree(GOLDEN.files), 'config/images.yml');
  expect(Object.fromEntries(planned.map(({ name, tag }) => [name, tag]))).toEqual(GOLDEN.tags);
  expect(planned).toHaveLength(44);
});
