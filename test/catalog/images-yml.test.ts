import { expect, test } from 'vitest';
import { memoryTree, OWN_CONFIG } from '../support/memory-tree.ts';
import { briefly, CATALOG, imagesOf, problemsOf } from './checkout.ts';

test('the catalog of this repository and the Dockerfiles of its contexts have no mistake', () => {
  expect(Object.keys(OWN_CONFIG)).toContain(CATALOG);
  expect(problemsOf(OWN_CONFIG).map(briefly)).toEqual([]);
  expect(memoryTree(OWN_CONFIG).entry('config/contexts')?.kind).toBe('directory');
});

test("each of its VM disks gets the 8 GiB that Kubespray's jobs need", () => {
  const disks = imagesOf(OWN_CONFIG).filter((image) => image.kind === 'vm-disk');
  expect(disks.length).toBeGreaterThan(0);
  expect(new Set(disks.map(({ enlargeBy }) => enlargeBy))).toEqual(new Set([8 * 1024 ** 3]));
});
