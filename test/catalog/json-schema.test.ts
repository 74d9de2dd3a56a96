import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogJsonSchema } from '../../src/catalog/schema.ts';

test('config/images.schema.json is what the schema in the code says', () => {
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
