import { describe, expect, test } from 'vitest';
import { createRepository, refusal, REPOSITORY, startApi } from './started-api.ts';

const PATH = 'ci-images/images/debian-12';
const PACKAGE = `${REPOSITORY}/packages/debian-12`;
const nameOf = (digest: string) => `${PACKAGE}/versions/${digest}`;
const DONE = {
  status: 200,
  body: { done: true, response: { '@type': 'type.googleapis.com/google.protobuf.Empty' } },
};

async function startWithImages(repository = {}) {
  const api = await startApi();
  await createRepository(api, repository);
  const child = api.registry.push(PATH, 'child');
  return {
    ...api,
    child,
    untagged: api.registry.push(PATH, 'untagged', 'moved'),
    tagged: api.registry.push(PATH, 'tagged', 'moved'),
    index: api.registry.pushIndex(PATH, [child], 'index'),
    held: () => api.registry.held().map((name) => name.split('@')[1]),
  };
}

describe('delete', () => {
  test('of a version with tags needs force', async () => {
    const { call, held, tagged } = await startWithImages();
    const refused = await call('DELETE', `v1/${nameOf(tagged)}`);
    expect(refused).toMatchObject(refusal(400, 'FAILED_PRECONDITION'));
    expect(held()).toContain(tagged);
    expect(await call('DELETE', `v1/${nameOf(tagged)}?force=true`)).toMatchObject(DONE);
    expect(held()).not.toContain(tagged);
    expect(await call('DELETE', `v1/${nameOf(tagged)}?force=true`)).toMatchObject(
      refusal(404, 'NOT_FOUND'),
    );
  });

  test('of what an index refers to is refused, until the index is gone', async () => {
    const { call, held, child, index } = await startWithImages();
    expect(await call('DELETE', `v1/${nameOf(child)}?force=true`)).toMatchObject(
      refusal(400, 'FAILED_PRECONDITION', expect.stringContaining('DANGLING_PARENT_IMAGE')),
    );
    expect(held()).toContain(child);
    await call('DELETE', `v1/${nameOf(index)}?force=true`);
    expect(await call('DELETE', `v1/${nameOf(child)}`)).toMatchObject(DONE);
    expect(held()).not.toContain(child);
  });

  test('of an immutable tag is refused', async () => {
    const { call, held, tagged } = await startWithImages({ dockerConfig: { immutableTags: true } });
    expect(await call('DELETE', `v1/${nameOf(tagged)}?force=true`)).toMatchObject(
      refusal(400, 'FAILED_PRECONDITION'),
    );
    expect(held()).toContain(tagged);
  });
});

describe('batchDelete', () => {
  const batch = (names: string[], more = {}) => ({ names: names.map(nameOf), ...more });

  test('deletes all that are named, an index together with what it refers to', async () => {
    const { call, held, child, index, tagged } = await startWithImages();
    const body = batch([child, index, tagged]);
    expect(await call('POST', `v1/${PACKAGE}/versions:batchDelete`, body)).toMatchObject(DONE);
    expect(held()).toHaveLength(1);
  });

  test('of any package deletes nothing with validateOnly', async () => {
    const { call, held, tagged } = await startWithImages();
    const path = `v1/${REPOSITORY}/packages/-/versions:batchDelete`;
    expect(await call('POST', path, batch([tagged], { validateOnly: true }))).toMatchObject(DONE);
    expect(held()).toHaveLength(4);
    expect(await call('POST', path, batch([tagged]))).toMatchObject(DONE);
    expect(held()).toHaveLength(3);
  });

  test('deletes all or nothing', async () => {
    const { call, held, child, tagged } = await startWithImages();
    const path = `v1/${PACKAGE}/versions:batchDelete`;
    for (const [names, code, status] of [
      [[], 400, 'INVALID_ARGUMENT'],
      [[tagged, 'sha256:0'], 404, 'NOT_FOUND'],
      [[tagged, child], 400, 'FAILED_PRECONDITION'],
    ] as const) {
      expect(await call('POST', path, batch([...names]))).toMatchObject(refusal(code, status));
    }
    const elsewhere = `v1/${REPOSITORY}/packages/rocky/versions:batchDelete`;
    expect(await call('POST', elsewhere, batch([tagged]))).toMatchObject(
      refusal(400, 'INVALID_ARGUMENT'),
    );
    const unknown = { ...batch([tagged]), force: true };
    expect(await call('POST', path, unknown)).toMatchObject(refusal(400, 'INVALID_ARGUMENT'));
    expect(held()).toHaveLength(4);
  });
});
