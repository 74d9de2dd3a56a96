import { expect, test } from 'vitest';
import {
  deletionOrder,
  type HeldVersion,
} from '../../../../infra/sandbox/emulators/google/inventory.ts';
import { MANIFEST } from './memory-registry.ts';
import { advance, MISSING, NOON, PATH, REPOSITORY, startWithRepository } from './started-api.ts';

const IMAGES = `v1/${REPOSITORY}/dockerImages`;

/** So many seconds after noon, as Google writes times. */
const after = (seconds: number) => new Date(Date.parse(NOON) + seconds * 1000).toISOString();

interface Image {
  readonly name: string;
  readonly tags?: string[];
  readonly uploadTime: string;
}

/** An emulator, and the images that it lists by their upload: digest or tags, and time. */
async function start() {
  const api = await startWithRepository();
  const listed = async () => {
    const { body } = await api.call('GET', IMAGES);
    const { dockerImages = [] } = body as { dockerImages?: Image[] };
    return dockerImages
      .map(({ name, tags = [], uploadTime }) => [name.split('@')[1], tags.join(), uploadTime])
      .sort(([, , a = ''], [, , b = '']) => (a < b ? -1 : 1));
  };
  return { ...api, wait: (seconds: number) => advance(api, seconds), listed };
}

test('images are what the registry holds below the repository, and nothing else', async () => {
  const { call, registry, push } = await start();
  const digest = push('one', '12', 'latest');
  registry.push('ci-images/images-2/debian-12', 'other', 'latest');
  registry.push('other/images/debian-12', 'other', 'latest');
  const image = {
    name: `${REPOSITORY}/dockerImages/debian-12@${digest}`,
    uri: `${registry.address}/${PATH}@${digest}`,
    tags: ['12', 'latest'],
    imageSizeBytes: '7',
    uploadTime: NOON,
    mediaType: MANIFEST,
  };
  expect((await call('GET', `${IMAGES}?alt=json`)).body).toEqual({ dockerImages: [image] });
  expect((await call('GET', `${IMAGES}/debian-12@${digest}`)).body).toEqual(image);
  expect(await call('GET', `${IMAGES}/debian-12@sha256:0`)).toMatchObject(MISSING);
});

test('an image keeps its upload time when a tag moves, and one without tags is not lost', async () => {
  const { push, wait, listed } = await start();
  const first = push('first', 'latest');
  await wait(3600);
  const second = push('second', 'latest');
  expect(await listed()).toEqual([
    [first, '', NOON],
    [second, 'latest', after(3600)],
  ]);
  push('first', 'latest');
  expect(await listed()).toEqual([
    [first, 'latest', NOON],
    [second, '', after(3600)],
  ]);
});

test('an image that was pushed before the clock moved is as old as that', async () => {
  const { push, wait, listed } = await start();
  const first = push('first', 'latest');
  // Nobody has looked yet.
  await wait(86_400);
  expect(await listed()).toEqual([[first, 'latest', NOON]]);
});

test('no two images have the same upload time, however fast they come', async () => {
  const { push, wait, listed } = await start();
  const pushed = (tag: string, seconds: number) => [push(tag, tag), tag, after(seconds)];
  const all = [pushed('1', 0)];
  expect(await listed()).toEqual(all);
  all.push(pushed('2', 0.001), pushed('3', 0.002));
  expect(await listed()).toEqual(all);
  await wait(60);
  // Those that are found together end at the present.
  all.push(pushed('4', 59.999), pushed('5', 60));
  expect(await listed()).toEqual(all);
});

test('the children of an index were uploaded before it', async () => {
  const { registry, push, listed } = await start();
  const children = [push('amd64'), push('arm64')];
  const index = registry.pushIndex(PATH, children, 'latest');
  expect((await listed()).map(([digest]) => digest)).toEqual([...children, index]);
});

test('an image that is gone from the registry is gone, and new when it comes back', async () => {
  const { registry, push, wait, listed } = await start();
  const digest = push('first', 'latest');
  expect(await listed()).toHaveLength(1);
  const manifest = `http://${registry.address}/v2/${PATH}/manifests/${digest}`;
  await fetch(manifest, { method: 'DELETE' });
  expect(await listed()).toEqual([]);
  await wait(60);
  push('first', 'latest');
  expect(await listed()).toEqual([[digest, 'latest', after(60)]]);
});

test('an index is deleted before what it refers to, also one that another index refers to', () => {
  const version = (digest: string, ...children: string[]) => {
    const known: unknown = { path: 'images/debian', digest, children };
    return known as HeldVersion;
  };
  const [outer, inner, leaf] = [version('o', 'i'), version('i', 'l', 'elsewhere'), version('l')];
  expect(deletionOrder([leaf, inner, outer])).toEqual([outer, inner, leaf]);
  expect(deletionOrder([inner, outer, leaf])).toEqual([outer, inner, leaf]);
});
