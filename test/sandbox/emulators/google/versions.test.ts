import { describe, expect, test } from 'vitest';
import { createRepository, NOON, apiError, REPOSITORY, startApi } from './started-api.ts';

const PATH = 'ci-images/images/debian-12';
const IMAGES = `v1/${REPOSITORY}/dockerImages`;
const PACKAGES = `v1/${REPOSITORY}/packages`;

describe('packages, versions and tags', () => {
  test('a package is a path below the repository, its slashes as %2F', async () => {
    const api = await startApi();
    await createRepository(api);
    api.registry.push('ci-images/images/base/debian-12', 'one', 'latest');
    const view = {
      name: `${REPOSITORY}/packages/base%2Fdebian-12`,
      createTime: NOON,
      updateTime: NOON,
    };
    expect((await api.call('GET', PACKAGES)).body).toEqual({ packages: [view] });
    expect((await api.call('GET', `${PACKAGES}/base%2Fdebian-12`)).body).toEqual(view);
    expect(await api.call('GET', `${PACKAGES}/base`)).toMatchObject(apiError(404, 'NOT_FOUND'));
  });

  test('versions and tags are listed, and read one by one', async () => {
    const api = await startApi();
    await createRepository(api);
    const digest = api.registry.push(PATH, 'one', '12', 'latest');
    const path = `${PACKAGES}/debian-12`;
    const name = `${REPOSITORY}/packages/debian-12/versions/${digest}`;
    const tags = ['12', 'latest'].map((tag) => ({
      name: `${REPOSITORY}/packages/debian-12/tags/${tag}`,
      version: name,
    }));
    const basic = {
      name,
      createTime: NOON,
      updateTime: NOON,
      metadata: {
        name: `${REPOSITORY}/dockerImages/debian-12@${digest}`,
        imageSizeBytes: '7',
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
      },
    };
    expect((await api.call('GET', `${path}/versions`)).body).toEqual({ versions: [basic] });
    expect((await api.call('GET', `${path}/versions/${digest}`)).body).toEqual(basic);
    expect((await api.call('GET', `${path}/tags`)).body).toEqual({ tags });
    expect((await api.call('GET', `${path}/tags/latest`)).body).toEqual(tags[1]);
    for (const missing of ['versions/sha256:0', 'tags/none']) {
      expect(await api.call('GET', `${path}/${missing}`)).toMatchObject(apiError(404, 'NOT_FOUND'));
    }
  });

  test('a removed tag leaves the image, also in a registry that removes none', async () => {
    const api = await startApi();
    await createRepository(api);
    const digest = api.registry.push(PATH, 'one', '12', 'latest');
    const only = api.registry.push(PATH, 'two', 'only');
    for (const tag of ['latest', 'only']) {
      const { status, body } = await api.call('DELETE', `${PACKAGES}/debian-12/tags/${tag}`);
      expect([status, body]).toEqual([200, {}]);
    }
    expect(api.registry.tags(PATH)).toEqual({ '12': digest });
    expect(api.registry.held()).toEqual([`${PATH}@${digest}`, `${PATH}@${only}`]);
    expect(await api.call('DELETE', `${PACKAGES}/debian-12/tags/only`)).toMatchObject(
      apiError(404, 'NOT_FOUND'),
    );
  });
});

test('nothing is listed of a repository that is not there', async () => {
  const { call } = await startApi();
  for (const path of [IMAGES, PACKAGES, `${PACKAGES}/a/versions`, `${PACKAGES}/a/tags`]) {
    expect(await call('GET', path)).toMatchObject(apiError(404, 'NOT_FOUND'));
  }
});
