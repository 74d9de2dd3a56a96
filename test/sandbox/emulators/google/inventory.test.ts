import { describe, expect, test } from 'vitest';
import { advance, createRepository, NOON, refusal, REPOSITORY, startApi } from './started-api.ts';

const PATH = 'ci-images/images/debian-12';
const IMAGES = `v1/${REPOSITORY}/dockerImages`;

async function startWithRepository() {
  const api = await startApi();
  await createRepository(api);
  return api;
}

/** The digests of the images that are listed, in their order. */
async function listed(
  { call }: Awaited<ReturnType<typeof startApi>>,
  query = '',
): Promise<string[]> {
  const { body } = await call('GET', `${IMAGES}${query}`);
  const { dockerImages = [] } = body as { dockerImages?: { name: string }[] };
  return dockerImages.map(({ name }) => name.split('@')[1] ?? '');
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
      refusal(404, 'NOT_FOUND'),
    );
    expect((await api.call('GET', `v1/${REPOSITORY}`)).body).toMatchObject({ sizeBytes: '7' });
  });

  test('keep their upload time when a tag moves, and an image without tags is not lost', async () => {
    const api = await startWithRepository();
    const first = api.registry.push(PATH, 'first', 'latest');
    await advance(api, 3600);
    const second = api.registry.push(PATH, 'second', 'latest');
    const { body } = await api.call('GET', `${IMAGES}?orderBy=upload_time`);
    const later = '2026-03-01T13:00:00.000Z';
    expect(body).toMatchObject({
      dockerImages: [
        {
          name: `${REPOSITORY}/dockerImages/debian-12@${first}`,
          uploadTime: NOON,
          updateTime: later,
        },
        { tags: ['latest'], uploadTime: later, updateTime: later },
      ],
    });
    expect(body).not.toHaveProperty('dockerImages.0.tags');
    await advance(api, 3600);
    api.registry.push(PATH, 'first', 'latest');
    const moved = await api.call('GET', `${IMAGES}?order_by=uploadTime%20desc`);
    expect(moved.body).toMatchObject({
      dockerImages: [
        { name: `${REPOSITORY}/dockerImages/debian-12@${second}` },
        { uploadTime: NOON, updateTime: '2026-03-01T14:00:00.000Z', tags: ['latest'] },
      ],
    });
  });

  test('that were pushed before the clock moved are as old as that', async () => {
    const api = await startWithRepository();
    api.registry.push(PATH, 'first', 'latest');
    // Nobody has looked yet.
    await advance(api, 86_400);
    const { body } = await api.call('GET', IMAGES);
    expect(body).toMatchObject({ dockerImages: [{ uploadTime: NOON }] });
  });

  test('never have the same upload time, however fast they come', async () => {
    const api = await startWithRepository();
    api.registry.push(PATH, 'first', '1');
    await listed(api);
    for (const tag of ['2', '3']) api.registry.push(PATH, tag, tag);
    const { body } = await api.call('GET', `${IMAGES}?orderBy=uploadTime`);
    expect(body).toMatchObject({
      dockerImages: [
        { uploadTime: NOON, tags: ['1'] },
        { uploadTime: '2026-03-01T12:00:00.001Z', tags: ['2'] },
        { uploadTime: '2026-03-01T12:00:00.002Z', tags: ['3'] },
      ],
    });
    await advance(api, 60);
    for (const tag of ['4', '5']) api.registry.push(PATH, tag, tag);
    const later = await api.call('GET', `${IMAGES}?orderBy=uploadTime%20desc&pageSize=2`);
    // Those that are found together end at the present.
    expect(later.body).toMatchObject({
      dockerImages: [
        { uploadTime: '2026-03-01T12:01:00.000Z', tags: ['5'] },
        { uploadTime: '2026-03-01T12:00:59.999Z', tags: ['4'] },
      ],
    });
  });

  test('include the children of an index, which were uploaded before it', async () => {
    const api = await startWithRepository();
    const children = [api.registry.push(PATH, 'amd64'), api.registry.push(PATH, 'arm64')];
    const index = api.registry.pushIndex(PATH, children, 'latest');
    expect(await listed(api, '?orderBy=uploadTime')).toEqual([...children, index]);
  });

  test('that are gone from the registry are gone, and new when they come back', async () => {
    const api = await startWithRepository();
    const digest = api.registry.push(PATH, 'first', 'latest');
    expect(await listed(api)).toEqual([digest]);
    await fetch(`http://${api.registry.address}/v2/${PATH}/manifests/${digest}`, {
      method: 'DELETE',
    });
    expect(await listed(api)).toEqual([]);
    await advance(api, 60);
    api.registry.push(PATH, 'first', 'latest');
    expect((await api.call('GET', IMAGES)).body).toMatchObject({
      dockerImages: [{ uploadTime: '2026-03-01T12:01:00.000Z' }],
    });
  });

  test('come in pages of pageSize, in the order that is asked for', async () => {
    const api = await startWithRepository();
    const digests = ['a', 'b', 'c'].map((label) => api.registry.push(PATH, label, label)).sort();
    const first = await api.call('GET', `${IMAGES}?pageSize=2&orderBy=name%20desc`);
    const { nextPageToken } = first.body as { nextPageToken: string };
    const rest = await listed(api, `?pageSize=2&orderBy=name%20desc&pageToken=${nextPageToken}`);
    expect(rest).toEqual([digests[0]]);
    expect(await api.call('GET', `${IMAGES}?orderBy=colour`)).toMatchObject(
      refusal(400, 'INVALID_ARGUMENT'),
    );
  });
});
