import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHECKOUT, sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { withoutDatedArchives } from '../../infra/sandbox/catalog.ts';

test('one build argument for every image is all that differs, and a comment says why', () => {
  const catalog = readFileSync(sandboxAt(CHECKOUT).catalogTemplate, 'utf8');
  const text = withoutDatedArchives(catalog);
  const before = parse(catalog) as { defaults: object };
  expect(parse(text)).toEqual({
    ...before,
    defaults: { ...before.defaults, args: { DEBIAN_SNAPSHOTS: '' } },
  });
  expect(text).toContain('packages are today’s');
});
