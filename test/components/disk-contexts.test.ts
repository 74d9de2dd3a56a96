import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { diskContexts } from '../../infra/components/disk-contexts.ts';
import type { DiskRecipe } from '../../src/catalog/image.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { checksumFixture, diskFixture } from '../tag/image-fixture.ts';

/** Disks that are folders by their checksums, and how often one was made. */
function disks(fail: (recipe: DiskRecipe) => boolean = () => false, parallel?: number) {
  const root = temporaryFolder();
  const made: string[] = [];
  let atOnce = 0;
  const state = { made, most: 0 };
  const open = diskContexts(async (recipe) => {
    const folder = join(root, recipe.source.checksum.slice(-1));
    atOnce += 1;
    state.most = Math.max(state.most, atOnce);
    await Promise.resolve();
    atOnce -= 1;
    if (fail(recipe)) throw new Error(`no ${recipe.source.url}`);
    // Not made before the one of before has gone.
    if (existsSync(folder)) throw new Error('it is there already');
    mkdirSync(folder);
    made.push(recipe.source.url);
    return folder;
  }, parallel);
  return { open, state };
}

const recipe = (digit: string): DiskRecipe => {
  const { source } = diskFixture();
  return diskFixture({ source: { ...source, checksum: checksumFixture(digit) } });
};

it('images of one recipe share a disk, which goes with the last of them', async () => {
  const { open, state } = disks();
  const [first, second] = await Promise.all([open(recipe('a')), open(recipe('a'))]);
  expect(second.folder).toBe(first.folder);
  expect(state.made).toHaveLength(1);
  await first.release();
  expect(existsSync(first.folder)).toBe(true);
  await second.release();
  expect(existsSync(first.folder)).toBe(false);
});

it('a disk that is asked for while it goes is made anew after that', async () => {
  const { open, state } = disks();
  const first = await open(recipe('a'));
  const going = first.release();
  const second = await open(recipe('a'));
  await going;
  expect(state.made).toHaveLength(2);
  expect(existsSync(second.folder)).toBe(true);
});

it('two are made at a time', async () => {
  const { open, state } = disks();
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((digit) => open(recipe(digit))));
  expect(state.most).toBe(2);
});

it('one that fails keeps no other from being made', async () => {
  const { open } = disks(({ source }) => source.checksum === checksumFixture('b'));
  const [a, b, c] = await Promise.allSettled(['a', 'b', 'c'].map((digit) => open(recipe(digit))));
  expect([a?.status, b?.status, c?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

it('a prepared disk waits for its build, and no more wait than are built and prepared at once', async () => {
  const { open, state } = disks(({ source }) => source.checksum === checksumFixture('b'), 1);
  const failed = open(recipe('b'));
  const [first, second, third, ...later] = ['a', 'c', 'd', 'e', 'f'].map((digit) =>
    open(recipe(digit)),
  );
  await expect(failed).rejects.toThrow('no ');
  const prepared = await Promise.all([first, second, third]);
  await setTimeout(20);
  expect(state.made).toHaveLength(3);
  await prepared[0]?.release();
  await later[0];
  expect(state.made).toHaveLength(4);
  await prepared[1]?.release();
  await later[1];
  expect(state.made).toHaveLength(5);
});
