import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { dailyCache, debianSuite } from '../../infra/sandbox/make-base-image.ts';
import { parseImageReference } from '../../src/image-reference.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

function someCache(fails: readonly string[] = []) {
  const folder = join(temporaryFolder(), 'made');
  const made: string[] = [];
  let today = new Date('2026-11-27T23:59:59Z');
  const make = (name: string, file: string) => {
    made.push(name);
    writeFileSync(file, fails.includes(name) ? 'half' : name);
    return fails.includes(name) ? Promise.reject(new Error('no space left')) : Promise.resolve();
  };
  return {
    folder,
    made,
    fileOf: dailyCache(make, folder, () => today),
    tomorrow: () => (today = new Date('2026-11-28T00:00:00Z')),
  };
}

test('a file of today is used again, and a file of another name is made', async () => {
  const { fileOf, made, folder } = someCache();
  const first = await fileOf('bookworm');
  expect(readFileSync(first, 'utf8')).toBe('bookworm');
  expect(await fileOf('bookworm')).toBe(first);
  await fileOf('trixie');
  expect(made).toEqual(['bookworm', 'trixie']);
  expect(readdirSync(folder)).toEqual(['bookworm-2026-11-27', 'trixie-2026-11-27']);
});

test('on the next day the file is made anew, and the old one goes', async () => {
  const { fileOf, made, folder, tomorrow } = someCache();
  await fileOf('bookworm');
  await fileOf('trixie');
  tomorrow();
  expect(basename(await fileOf('bookworm'))).toBe('bookworm-2026-11-28');
  expect(made).toHaveLength(3);
  expect(readdirSync(folder)).toEqual(['bookworm-2026-11-28', 'trixie-2026-11-27']);
});

test('an incomplete file is never used', async () => {
  const { fileOf, made } = someCache(['bookworm']);
  await expect(fileOf('bookworm')).rejects.toThrow('no space left');
  await expect(fileOf('bookworm')).rejects.toThrow('no space left');
  expect(made).toHaveLength(2);
});

test('several calls at once make their files one after the other', async () => {
  const { fileOf, made } = someCache();
  const names = ['bookworm', 'trixie', 'bullseye'];
  await Promise.all(names.map(fileOf));
  expect(made).toEqual(names);
});

test.each([
  ['docker.io/library/debian:bookworm-slim', 'bookworm'],
  ['docker.io/library/debian:trixie', 'trixie'],
  ['docker.io/library/debian:12-slim', undefined],
  ['docker.io/library/ubuntu:noble', undefined],
  ['quay.io/library/debian:bookworm', undefined],
  ['docker.io/library/debian', undefined],
])('the suite of %s is %s', (text, suite) => {
  const reference = parseImageReference(text);
  expect(reference && debianSuite(reference)).toBe(suite);
});
