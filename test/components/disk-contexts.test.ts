import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import pulumi from '@pulumi/pulumi';
import { expect, it, vi } from 'vitest';
import { announceDisks, diskContexts } from '../../infra/components/disk-contexts.ts';
import type { DiskRecipe } from '../../src/catalog/image.ts';
import { DiskError } from '../../src/disk/disk-error.ts';
import { ALREADY_REPORTED } from '../../infra/engine/errors.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { recordResources } from '../support/recording-mocks.ts';
import { checksumFixture, recipeFixture } from '../tag/image-fixture.ts';

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

const recipe = (digit: string): DiskRecipe => recipeFixture({ checksum: checksumFixture(digit) });

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

it('one that does not fit beside another is made once no other is being made', async () => {
  const root = temporaryFolder();
  const [begun, room] = [[] as string[], { disks: 1 }];
  const open = diskContexts(async ({ source: { checksum } }) => {
    begun.push(checksum.slice(-1));
    if (room.disks === 0) throw new DiskError('NO_SPACE', 'it is full', 'make room');
    room.disks -= 1;
    await setTimeout(20);
    room.disks += 1;
    return join(root, checksum.slice(-1));
  });
  await Promise.all(['a', 'b', 'c'].map((digit) => open(recipe(digit))));
  expect(begun.slice(0, 2)).toEqual(['a', 'b']);
  room.disks = 0;
  await expect(open(recipe('d'))).rejects.toThrow('NO_SPACE');
  expect(begun.filter((digit) => digit === 'd')).toHaveLength(2);
});

it.each([1, 3])('with %d builds at once, no more disks are there', async (parallel) => {
  const { open, state } = disks(({ source }) => source.checksum === checksumFixture('b'), parallel);
  const failed = open(recipe('b'));
  const opening = ['a', 'c', 'd', 'e', 'f'].map((digit) => open(recipe(digit)));
  await expect(failed).rejects.toThrow('no ');
  await Promise.all(opening.slice(0, parallel));
  for (let released = 0; parallel + released < opening.length; released += 1) {
    await setTimeout(20);
    expect(state.made).toHaveLength(parallel + released);
    await (await opening[released])?.release();
    await opening[parallel + released];
  }
  expect(state.made).toHaveLength(opening.length);
});

/** Announces a disk of so many bytes; what the engine's log gets, by severity. */
async function announced(bytes: number, preview: boolean, cache = temporaryFolder()) {
  vi.stubEnv('XDG_CACHE_HOME', cache);
  const { origin } = await scriptedServer({
    status: 200,
    headers: { 'content-length': String(bytes) },
  });
  await recordResources({}, { preview });
  const told: string[] = [];
  for (const severity of ['info', 'warn', 'error'] as const) {
    vi.spyOn(pulumi.log, severity).mockImplementation(() =>
      Promise.resolve(void told.push(severity)),
    );
  }
  const disk = {
    name: 'vm-debian-12',
    platform: 'linux/amd64',
    recipe: recipeFixture({ url: `${origin}/disk` }),
  };
  await announceDisks([disk], {
    share: (builds) => Promise.resolve([{ builds, parallel: Infinity, root: undefined }]),
  });
  const { exitCode } = process;
  process.exitCode = undefined;
  return { told, exitCode };
}

it.each([
  ['fits is only told', 1, false, 'info', undefined],
  ['does not fit fails an update', 1e15, false, 'error', ALREADY_REPORTED],
  ['does not fit is a warning of a preview', 1e15, true, 'warn', undefined],
])('a need that %s', async (_, bytes, preview, severity, exitCode) => {
  expect(await announced(bytes, preview)).toEqual({ told: [severity], exitCode });
});

it('a folder of downloads that can not be read is a warning, and ends no run', async () => {
  const cache = temporaryFolder();
  mkdirSync(join(cache, 'kubernetes-ci-images'));
  writeFileSync(join(cache, 'kubernetes-ci-images', 'downloads'), '');
  expect(await announced(1, false, cache)).toEqual({ told: ['warn'], exitCode: undefined });
});

it('nothing is told where no disk is to be built, or all builders are down', async () => {
  const info = vi.spyOn(pulumi.log, 'info');
  const share = vi.fn();
  await announceDisks([], { share });
  expect(info).not.toHaveBeenCalled();
  expect(share).not.toHaveBeenCalled();
  const disk = { name: 'vm-debian-12', platform: 'linux/amd64', recipe: recipe('a') };
  await announceDisks([disk], { share: () => Promise.resolve([]) });
  expect(info).not.toHaveBeenCalled();
});
