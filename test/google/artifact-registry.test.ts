import { describe, expect, test } from 'vitest';
import { artifactRegistry } from '../../src/google/artifact-registry.ts';
import { readInventory } from '../../src/google/read-inventory.ts';
import { googleAccess } from '../../src/settings/stack-settings.ts';
import { parseRepository, type Digest } from '../../src/image-reference.ts';
import type { HttpOptions } from '../../src/http/fetch-with-retry.ts';
import { failureOf } from '../registry/client-of.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';
import { known } from '../support/fixtures.ts';

const NAME = 'projects/some-project/locations/us/repositories/images';
const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const INDEX = 'application/vnd.oci.image.index.v1+json';

const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) });
const image = (digest: string, rest: object = {}, name = 'debian-12') => ({
  name: `${NAME}/dockerImages/${name}@${digest}`,
  uploadTime: '2026-03-01T12:00:00.123456Z',
  imageSizeBytes: '7',
  ...rest,
});

async function api(...script: [Line, ...Line[]]) {
  const server = await scriptedServer(...script);
  return { server, api: apiAt(server.origin, { sleep: () => Promise.resolve() }) };
}

function apiAt(origin: string, options: HttpOptions = {}) {
  const place = { project: 'some-project', location: 'us', repositoryId: 'images' };
  const address = { ...place, endpoint: new URL('/v1/', origin), accessToken: 'secret' };
  return artifactRegistry(address, options);
}

test('policies are read as they are evaluated, and what Google leaves out has its default', async () => {
  const old = { id: 'old', action: 'DELETE', condition: { olderThan: '86400s', tagState: 'ANY' } };
  const newest = { id: 'newest', action: 'KEEP', mostRecentVersions: { keepCount: 5 } };
  const { api: found, server } = await api(json({ name: NAME, cleanupPolicies: { old, newest } }));
  expect(await found.readPolicies()).toEqual({
    dryRun: false,
    policies: [old, newest],
    unknown: [],
  });
  expect(server.asked[0]).toMatchObject({
    url: `/v1/${NAME}?alt=json`,
    headers: { authorization: 'Bearer secret' },
  });
});

test.each([
  ['a KEEP', { action: 'KEEP', condition: { tagState: 'ANY', regex: '.*' } }, []],
  ['a KEEP without a condition', { action: 'KEEP' }, []],
  ['a DELETE', { action: 'DELETE', condition: { idleFor: '9s' } }, ['DELETE']],
  ['a DELETE without a condition', { action: 'DELETE' }, ['DELETE']],
  ['a duration', { action: 'DELETE', condition: { olderThan: '90d' } }, ['DELETE']],
  ['a field', { action: 'DELETE', condition: {}, unless: {} }, ['DELETE']],
  ['another action', { action: 'ARCHIVE', condition: {} }, ['DELETE']],
])(
  '%s that nobody knows is named, and keeps nothing or deletes all',
  async (_, policy, actions) => {
    const { api: found } = await api(json({ name: NAME, cleanupPolicies: { odd: policy } }));
    const { policies, unknown } = (await found.readPolicies()) ?? { policies: [], unknown: [] };
    expect(unknown).toEqual(['odd']);
    expect(policies).toEqual(actions.map((action) => ({ id: 'odd', action, condition: {} })));
  },
);

test('a repository that is not there is no error, since up makes it', async () => {
  expect(await (await api(json({}, 404))).api.readPolicies()).toBeUndefined();
});

describe('versions', () => {
  test('are read page by page, each once, with their slashes', async () => {
    const { api: found, server } = await api(
      json({ dockerImages: [image(A, { tags: ['v1'] })], nextPageToken: 'a+b' }),
      json({ dockerImages: [image(A, { tags: ['v1', 'v2'] }), image(B, {}, 'base%2Fdebian')] }),
    );
    const versions = await found.listImages();
    expect(versions.map(({ image: name, tags }) => [name, tags])).toEqual([
      ['debian-12', ['v1', 'v2']],
      ['base/debian', []],
    ]);
    expect(server.asked.map(({ url }) => url.split('?')[1])).toEqual([
      'alt=json&pageSize=1000',
      'alt=json&pageSize=1000&pageToken=a%2Bb',
    ]);
  });

  test('that are not understood are an error, never left out', async () => {
    const odd = [image('sha256:a'), image(A, { uploadTime: 'once' }), image(A, { name: 'x' })];
    for (const each of odd) {
      const { api: found } = await api(json({ dockerImages: [image(B), each] }));
      expect((await failureOf(found.listImages())).code).toBe('REGISTRY_ANSWER');
    }
  });

  test('whose pages have no end are an error', async () => {
    const fetch = () => Promise.resolve(Response.json({ nextPageToken: 'x' }));
    const found = apiAt('https://registry.example', { fetch });
    expect((await failureOf(found.listImages())).message).toContain('no end');
  });
});

test.each([
  [429, 'REGISTRY_RATE_LIMITED'],
  [500, 'REGISTRY_ANSWER'],
  [403, 'REGISTRY_DENIED'],
  [401, 'REGISTRY_UNAUTHORIZED'],
])(
  '%i is tried again where that helps, and then explained without the token',
  async (status, code) => {
    const { api: found, server } = await api(
      json({ error: { code: status, message: 'no, secret\nis wrong', status: 'X' } }, status),
    );
    const failure = await failureOf(found.listImages());
    expect(failure.code).toBe(code);
    expect(failure.message).toContain('(no, *** | is wrong)');
    expect(server.asked).toHaveLength(status === 429 || status === 500 ? 5 : 1);
  },
);

test('the access token is not sent over plain http to another machine', () => {
  expect(() => apiAt('http://registry.example')).toThrow(/REGISTRY_UNSAFE/);
});

describe('what a version belongs to', () => {
  const prefix = known(parseRepository('p/images'));
  /** The inventory of two versions without tags: A, and B as it is listed. */
  const read = async (listed: object, manifests: Record<string, unknown> = {}) => {
    const { api: found } = await api(json({ dockerImages: [image(A), image(B, listed)] }));
    const client = {
      getManifest: (repository: string, digest: Digest) => {
        expect(repository).toBe('p/images/debian-12');
        const bytes = new TextEncoder().encode(JSON.stringify(manifests[digest] ?? {}));
        return Promise.resolve({ digest, mediaType: '', bytes });
      },
    };
    const versions = await readInventory(await found.listImages(), client, prefix);
    return versions.map(({ indexes, subjects }) => ({ indexes, subjects }));
  };
  const manifests = [{ digest: A }];
  const NOTHING = { indexes: [], subjects: [] };

  test.each<[string, object, Record<string, unknown>, object]>([
    ['an index, by the listing', { mediaType: INDEX, imageManifests: manifests }, {}, [B]],
    ['an index, by its manifest', { mediaType: INDEX }, { [B]: { manifests } }, [B]],
  ])('is %s', async (_, listed, contents, indexes) => {
    expect(await read(listed, contents)).toEqual([{ ...NOTHING, indexes }, NOTHING]);
  });

  test('is the subject of a manifest without a tag', async () => {
    const found = await read({}, { [B]: { config: {}, subject: { digest: A } } });
    expect(found).toEqual([NOTHING, { ...NOTHING, subjects: [A] }]);
  });

  test('is an error where an index can not be read: its parts would be taken to go', async () => {
    await expect(read({ mediaType: INDEX })).rejects.toThrow(/REGISTRY_ANSWER {2}the index/);
  });
});

test('an access token that is encrypted in the stack file counts as left out', () => {
  const text = 'config:\n  gcp:accessToken: { secure: v1:x }\n';
  expect(googleAccess(text)).toEqual({ accessToken: undefined, endpoint: undefined });
  expect(googleAccess('config: { gcp:accessToken: a }').accessToken).toBe('a');
});
