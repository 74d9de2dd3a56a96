import { expect, test } from 'vitest';
import { MANIFEST } from './memory-registry.ts';
import { MISSING, NOON, PATH, REPOSITORY, startApi, startWithRepository } from './started-api.ts';

const PACKAGES = `${REPOSITORY}/packages`;
const PACKAGE = `${PACKAGES}/debian-12`;

test('a package is a path below the repository, its slashes as %2F', async () => {
  const { call, registry } = await startWithRepository();
  for (const label of ['one', 'two'])
    registry.push('ci-images/images/base/debian-12', label, label);
  const view = { name: `${PACKAGES}/base%2Fdebian-12` };
  expect((await call('GET', `v1/${PACKAGES}`)).body).toEqual({ packages: [view] });
  expect((await call('GET', `v1/${PACKAGES}/base%2Fdebian-12`)).body).toEqual(view);
  expect(await call('GET', `v1/${PACKAGES}/base`)).toMatchObject(MISSING);
});

test('versions and tags are listed, and read one by one', async () => {
  const { call, push } = await startWithRepository();
  const digest = push('one', '12', 'latest');
  const version = {
    name: `${PACKAGE}/versions/${digest}`,
    createTime: NOON,
    metadata: {
      name: `${REPOSITORY}/dockerImages/debian-12@${digest}`,
      imageSizeBytes: '7',
      mediaType: MANIFEST,
    },
  };
  const tags = ['12', 'latest'].map((tag) => ({
    name: `${PACKAGE}/tags/${tag}`,
    version: version.name,
  }));
  for (const [path, body] of [
    ['versions', { versions: [version] }],
    [`versions/${digest}`, version],
    ['tags', { tags }],
    ['tags/latest', tags[1]],
  ] as const) {
    expect((await call('GET', `v1/${PACKAGE}/${path}`)).body).toEqual(body);
  }
  for (const missing of ['versions/sha256:0', 'tags/none']) {
    expect(await call('GET', `v1/${PACKAGE}/${missing}`)).toMatchObject(MISSING);
  }
});

test('a removed tag leaves the image, also in a registry that removes none', async () => {
  const { call, registry, push } = await startWithRepository();
  const digest = push('one', '12', 'latest');
  const only = push('two', 'only');
  const remove = (tag: string) => call('DELETE', `v1/${PACKAGE}/tags/${tag}`);
  for (const tag of ['latest', 'only']) {
    expect(await remove(tag)).toMatchObject({ status: 200, body: {} });
  }
  expect(registry.tags(PATH)).toEqual({ '12': digest });
  expect(registry.held()).toEqual([`${PATH}@${digest}`, `${PATH}@${only}`]);
  expect(await remove('only')).toMatchObject(MISSING);
});

test('no packages are listed of a repository that is not there', async () => {
  const { call } = await startApi();
  expect(await call('GET', `v1/${PACKAGES}`)).toMatchObject(MISSING);
});
