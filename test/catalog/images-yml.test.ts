import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memoryTree } from '../support/memory-tree.ts';
import { briefly, CATALOG, problemsOf } from './checkout.ts';

const ROOT = new URL('../../', import.meta.url);

const CONFIG = Object.fromEntries(
  readdirSync(new URL('config/', ROOT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath.replace(/\/+$/, '')}/${name}`)
    .map((path) => [path.slice(ROOT.pathname.length), readFileSync(path)]),
);

test('the catalog of this repository and the Dockerfiles of its contexts have no mistake', () => {
  expect(Object.keys(CONFIG)).toContain(CATALOG);
  expect(problemsOf(CONFIG).map(briefly)).toEqual([]);
  expect(memoryTree(CONFIG).entry('config/contexts')?.kind).toBe('directory');
});
