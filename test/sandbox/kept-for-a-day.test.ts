import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { keptForADay } from '../../infra/sandbox/make-base-image.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

function keeper(fails: readonly string[] = []) {
  const folder = join(temporaryFolder(), 'made');
  const made: string[] = [];
  let today = new Date('2026-11-27T23:59:59Z');
  const write = (name: string, file: string) => {
    made.push(name);
    writeFileSync(file, fails.includes(name) ? 'half' : name);
    return fails.includes(name) ? Promise.reject(new Error('no space left')) : Promise.resolve();
  };
  return {
    ...{ folder, made },
    keep: keptForADay(write, folder, () => today),
    tomorrow: () => (today = new Date('2026-11-28T00:00:00Z')),
  };
}

test('what was made today is taken again, and what is of another name is made', async () => {
  const { keep, made, folder } = keeper();
  const first = await keep('bookworm');
  expect(readFileSync(first, 'utf8')).toBe('bookworm');
  expect(await keep('bookworm')).toBe(first);
  await keep('trixie');
  expect(made).toEqual(['bookworm', 'trixie']);
  expect(readdirSync(folder)).toEqual(['bookworm-2026-11-27', 'trixie-2026-11-27']);
});

test('on the next day it is made anew, and the old one goes', async () => {
  const { keep, made, folder, tomorrow } = keeper();
  await keep('bookworm');
  await keep('trixie');
  tomorrow();
  expect(basename(await keep('bookworm'))).toBe('bookworm-2026-11-28');
  expect(made).toHaveLength(3);
  expect(readdirSync(folder)).toEqual(['bookworm-2026-11-28', 'trixie-2026-11-27']);
});

test('what could not be made whole is never taken', async () => {
  const { keep, made } = keeper(['bookworm']);
  await expect(keep('bookworm')).rejects.toThrow('no space left');
  await expect(keep('bookworm')).rejects.toThrow('no space left');
  expect(made).toHaveLength(2);
});

test('several at once make it one after the other', async () => {
  const { keep, made } = keeper();
  const names = ['bookworm', 'trixie', 'bullseye'];
  await Promise.all(names.map(keep));
  expect(made).toEqual(names);
});
