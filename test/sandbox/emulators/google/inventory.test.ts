import { describe, expect, test } from 'vitest';
import {
  deletionOrder,
  type HeldVersion,
} from '../../../../infra/sandbox/emulators/google/inventory.ts';
import {
  advance,
  apiError,
  createRepository,
  NOON,
  REPOSITORY,
  startApi,
  type StartedApi,
} from './started-api.ts';

const PATH = 'ci-images/images/debian-12';
const IMAGES = `v1/${REPOSITORY}/dockerImages`;

/** So many seconds after noon, as Google writes times. */
const after = (seconds: number) => new Date(Date.parse(NOON) + seconds * 1000).toISOString();

async function startWithRepository() {
  const api = await startApi();
  await createRepository(api);
  return api;
}

interface Image {
  readonly name: string;
  readonly tags?: string[];
  readonly uploadTime: string;
  readonly updateTime: string;
}

/** The images that are listed, by their upload. */
async function listed({ call }: StartedApi) {
  const { body } = await call('GET', IMAGES);
  const { dockerImages = [] } = body as { dockerImages?: Image[] };
  return dockerImages
    .map(({ name, tags, uploadTime: uploaded, updateTime: updated }) => ({
      digest: name.split('@')[1],
      tags,
      uploaded,
      updated,
    }))
    .sort((a, b) => (a.uploaded < b.uploaded ? -1 : 1));
}

describe('dockerImages', () => {
  test('are what the registry holds below the repository, and nothing else', async () => {
    const api = await startWithRepository();
    const digest = api.registry.push(PATH, 'one', '12', 'latest');
    api.registry.push('ci-images/images-2/debian-12', 'other', 'latest');
    api.registry.push('other/images/debian-12', 'other', 'latest');
    const image = {
      name: `${REPOSITORY}/dockerImages/debian-12@${digest}`,
      uri: `${api.registry.address}/${PATH}@${digest}`,
      tags: ['12', 'latest'],
      imageSizeBytes: '7',
      uploadTime: NOON,
      updateTime: NOON,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
    };
    expect((await api.call('GET', `${IMAGES}?alt=json`)).body).toEqual({ dockerImages: [image] });
    const one = await api.call('GET', `${IMAGES}/debian-12@${digest}`);
    expect(one.body).toEqual(image);
    expect(await api.call('GET', `${IMAGES}/debian-12@sha256:0`)).toMatchObject(
      apiError(404, 'NOT_FOUND'),
    );
    expect((await api.call('GET', `v1/${REPOSITORY}`)).body).toMatchObject({ sizeBytes: '7' });
  });

  test('keep their upload time when a tag moves, and an image without tags is not lost', async () => {
    const api = await startWithRepository();
    const first = api.registry.push(PATH, 'first', 'latest');
    await advance(api, 3600);
    const second = api.registry.push(PATH, 'second', 'latest');
    expect(await listed(api)).toEqual([
      { digest: first, uploaded: NOON, updated: after(3600) },
      { digest: second, tags: ['latest'], uploaded: after(3600), updated: after(3600) },
    ]);
    await advance(api, 3600);
    api.registry.push(PATH, 'first', 'latest');
    expect(await listed(api)).toMatchObject([
      { digest: first, tags: ['latest'], uploaded: NOON, updated: after(7200) },
      { digest: second },
    ]);
  });

  test('that were pushed before the clock moved are as old as that', async () => {
    const api = await startWithRepository();
    api.registry.push(PATH, 'first', 'latest');
    // Nobody has looked yet.
    await advance(api, 86_400);
    expect(await listed(api)).toMatchObject([{ uploaded: NOON }]);
  });

  test('never have the same upload time, however fast they come', async () => {
    const api = await startWithRepository();
    api.registry.push(PATH, 'first', '1');
    await listed(api);
    for (const tag of ['2', '3']) api.registry.push(PATH, tag, tag);
    expect(await listed(api)).toMatchObject([
      { uploaded: NOON, tags: ['1'] },
      { uploaded: after(0.001), tags: ['2'] },
      { uploaded: after(0.002), tags: ['3'] },
    ]);
    await advance(api, 60);
    for (const tag of ['4', '5']) api.registry.push(PATH, tag, tag);
    // Those that are found together end at the present.
    expect((await listed(api)).slice(3)).toMatchObject([
      { uploaded: after(59.999), tags: ['4'] },
      { uploaded: after(60), tags: ['5'] },
    ]);
  });

  test('include the children of an index, which were uploaded before it', async () => {
    const api = await startWithRepository();
    const children = [api.registry.push(PATH, 'amd64'), api.registry.push(PATH, 'arm64')];
    const index = api.registry.pushIndex(PATH, children, 'latest');
    expect((await listed(api)).map(({ digest }) => digest)).toEqual([...children, index]);
  });

  test('that are gone from the registry are gone, and new when they come back', async () => {
    const api = await startWithRepository();
    const digest = api.registry.push(PATH, 'first', 'latest');
    expect(await listed(api)).toHaveLength(1);
    const manifest = `http://${api.registry.address}/v2/${PATH}/manifests/${digest}`;
    await fetch(manifest, { method: 'DELETE' });
    expect(await listed(api)).toEqual([]);
    await advance(api, 60);
    api.registry.push(PATH, 'first', 'latest');
    expect(await listed(api)).toMatchObject([{ uploaded: after(60) }]);
  });
});

test('an index is deleted before what it refers to, also one that another index refers to', () => {
  const version = (digest: string, ...children: string[]) => {
    const known = { path: 'images/debian', digest, children } as unknown;
    return known as HeldVersion;
  };
  const outer = version('outer', 'inner');
  const inner = version('inner', 'leaf', 'elsewhere');
  const leaf = version('leaf');
  for (const order of [
    [leaf, inner, outer],
    [outer, leaf, inner],
    [inner, outer, leaf],
  ]) {
    expect(deletionOrder(order)).toEqual([outer, inner, leaf]);
  }
});
