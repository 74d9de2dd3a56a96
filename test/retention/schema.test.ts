import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { retentionJsonSchema } from '../../src/retention/schema.ts';

function committed(file: string): string {
  return readFileSync(new URL(`../../config/${file}`, import.meta.url), 'utf8');
}

test('config/retention.schema.json is what the schema in the code says', () => {
  expect(committed('retention.schema.json'), 'stale: run `npm run -s images -- schema`').toBe(
    retentionJsonSchema(),
  );
});

test('the retention file names its schema for editors', () => {
  expect(committed('retention.yml')).toMatch(
    /^# yaml-language-server: \$schema=retention\.schema\.json$/m,
  );
});

test('an editor asks for the keys that decide about deletion, and for no others', () => {
  expect(JSON.parse(retentionJsonSchema())).toMatchObject({
    required: ['dryRun', 'window', 'keepNewest', 'untaggedAfter', 'gracePeriod', 'sources'],
    additionalProperties: false,
  });
});
