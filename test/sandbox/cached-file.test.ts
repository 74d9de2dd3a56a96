import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cachedFile } from '../../infra/sandbox/cached-file.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

/** A cache of the running test's own, where `fails` can't be made. */
function someCache(fails = '') {
  const cache = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', cache);
  const made: string[] = [];
  const fileOf = (name: string, key = '27') =>
    cachedFile({ name, key, folder: 'made' }, (file) => {
      made.push(name);
      writeFileSync(file, name === fails ? 'half' : name);
      return name === fails ? Promise.reject(new Error('no space left')) : Promise.resolve();
    });
  const files = () => readdirSync(join(cache, 'kubernetes-ci-images/made'));
  return { made, fileOf, files };
}

test('a file is used again under its key, and made anew under another one, when the old one goes', async () => {
  const { fileOf, made, files } = someCache();
  const first = await fileOf('bookworm');
  expect(readFileSync(first, 'utf8')).toBe('bookworm');
  expect(await fileOf('bookworm')).toBe(first);
  await fileOf('trixie');
  expect(made).toEqual(['bookworm', 'trixie']);
  await fileOf('bookworm', '28');
  expect(files()).toEqual(['bookworm-28', 'trixie-27']);
});

test('an incomplete file is never used', async () => {
  const { fileOf, made } = someCache('bookworm');
  await expect(fileOf('bookworm')).rejects.toThrow('no space left');
  await expect(fileOf('bookworm')).rejects.toThrow('no space left');
  expect(made).toHaveLength(2);
});

test('several calls at once make a file once', async () => {
  const { fileOf, made } = someCache();
  await Promise.all(['bookworm', 'bookworm', 'trixie'].map((name) => fileOf(name)));
  expect(made.toSorted()).toEqual(['bookworm', 'trixie']);
});
