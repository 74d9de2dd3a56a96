import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogJsonSchema } from '../../src/catalog/schema.ts';
import { memoryTree, OWN_CONFIG } from '../support/memory-tree.ts';
import { briefly, CATALOG, imagesOf, problemsOf } from './checkout.ts';

test('config/images.schema.json is the schema of the code', () => {
  const committed = readFileSync(
    new URL('../../config/images.schema.json', import.meta.url),
    'utf8',
  );
  expect(committed, 'stale: run `npm run -s images -- schema`').toBe(catalogJsonSchema());
});

test('the catalog names its schema for editors', () => {
  const catalog = readFileSync(new URL('../../config/images.yml', import.meta.url), 'utf8');
  expect(catalog).toMatch(/^# yaml-language-server: \$schema=images\.schema\.json$/m);
});

test('the schema is the same bytes every time and ends with a newline', () => {
  expect(catalogJsonSchema()).toBe(catalogJsonSchema());
  expect(catalogJsonSchema()).toMatch(/\}\n$/);
});

test('the catalog of this repository and the Dockerfiles of its contexts have no problem', () => {
  expect(Object.keys(OWN_CONFIG)).toContain(CATALOG);
  expect(problemsOf(OWN_CONFIG).map(briefly)).toEqual([]);
  expect(memoryTree(OWN_CONFIG).entry('config/contexts')?.kind).toBe('directory');
});

test("each of its VM disks gets the 8 GiB that Kubespray's jobs need", () => {
  const disks = imagesOf(OWN_CONFIG).filter((image) => image.kind === 'vm-disk');
  expect(disks.length).toBeGreaterThan(0);
  expect(new Set(disks.map(({ enlargeBy }) => enlargeBy))).toEqual(new Set([8 * 1024 ** 3]));
});
