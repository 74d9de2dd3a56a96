import { describe, expect, test } from 'vitest';
import type { Registry, Repository, Tag } from '../../src/image-reference.ts';
import { locateBlob } from '../../src/registry/blob-requests.ts';
import { findManifest, untag, type RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError, RegistryFailure } from '../../src/registry/registry-error.ts';
import { basicAuthorization } from '../../src/url.ts';
import { memoryRegistry, type MemoryRegistry } from '../oci/memory-registry.ts';
import {
  BYTES,
  DIGEST,
  failureOf,
  FOUND,
  MEDIA_TYPE,
  OTHER_DIGEST,
  registryWith,
  REPOSITORY,
  TAG,
} from './client-of.ts';
import { scriptedServer, type Line, type Reply } from './scripted-server.ts';

const MANIFEST = { mediaType: MEDIA_TYPE, bytes: BYTES };
const WITHOUT_DIGEST = { ...FOUND, headers: { 'content-type': MEDIA_TYPE } };
const withHeader = (name: string, value: string) => ({
  ...FOUND,
  headers: { ...FOUND.headers, [name]: value },
});

/** Answers HEAD and GET differently. */
const refusesHead =
  (head: Reply, other: Reply): Line =>
  ({ method }) =>
    method === 'HEAD' ? head : other;

const headTag = (client: RegistryClient) => client.headManifest(REPOSITORY, TAG);
const getTag = (client: RegistryClient) => client.getManifest(REPOSITORY, TAG);
const putTag = (client: RegistryClient) => client.putManifest(REPOSITORY, TAG, MANIFEST);
const getBlob = (client: RegistryClient) => client.getBlob(REPOSITORY, DIGEST);

/** The result of a request to a server with one line, and what it was asked. */
async function send<Result>(line: Line, request: (client: RegistryClient) => Promise<Result>) {
  const { client, asked } = await registryWith(line);
  return { result: await request(client), asked };
}

async function errorOf(line: Line, request: (client: RegistryClient) => Promise<unknown>) {
  return failureOf(request((await registryWith(line)).client));
}

describe('a manifest', () => {
  test('is looked up by a HEAD that accepts all four kinds, so that none is converted', async () => {
    const type = withHeader('content-type', `${MEDIA_TYPE}; charset=utf-8`);
    const { result, asked } = await send(type, headTag);
    expect(result).toEqual({ digest: DIGEST, mediaType: MEDIA_TYPE, size: 19 });
    expect(asked).toMatchObject([{ method: 'HEAD', url: `/v2/${REPOSITORY}/manifests/${TAG}` }]);
    expect(asked[0]?.headers.accept?.split(', ')).toHaveLength(4);
  });

  test('is hashed here where the registry names no digest', async () => {
    const { result, asked } = await send(WITHOUT_DIGEST, headTag);
    expect(result).toEqual({ digest: DIGEST, mediaType: MEDIA_TYPE, size: BYTES.byteLength });
    expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test.each([400, 403, 405, 501])(
    'is read where the registry answers %i to a HEAD only',
    async (status) => {
      const { result, asked } = await send(refusesHead({ status }, FOUND), headTag);
      expect(result).toEqual({ digest: DIGEST, mediaType: MEDIA_TYPE, size: BYTES.byteLength });
      expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
    },
  );

  test.each([
    [FOUND, DIGEST],
    [{ status: 404 }, undefined],
  ])('is found by a GET, or not, where a HEAD is answered 404', async (other, digest) => {
    const find = (client: RegistryClient) => findManifest(client, REPOSITORY, TAG);
    const { result, asked } = await send(refusesHead({ status: 404 }, other), find);
    expect(result?.digest).toBe(digest);
    expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test('is read where a HEAD is redirected to an address for GET', async () => {
    const store = await scriptedServer(refusesHead({ status: 403 }, { ...FOUND, headers: {} }));
    const redirect = { status: 307, headers: { location: `${store.origin}/signed` } };
    const { result } = await send(redirect, headTag);
    expect(result).toMatchObject({ digest: DIGEST });
  });

  const index = '{"schemaVersion":2,"manifests":[]}';
  const typed = '{"schemaVersion":2,"mediaType":"application/vnd.docker.x"}';
  test.each([
    ['it names itself', 'application/json; charset=utf-8', typed, 'application/vnd.docker.x'],
    ['it has as an index', 'text/plain', index, 'application/vnd.oci.image.index.v1+json'],
    [
      'it has as an image',
      'application/octet-stream',
      '{"schemaVersion":2,"config":{"digest":"x"},"layers":[]}',
      MEDIA_TYPE,
    ],
  ])('has the media type that %s where the registry states %s', async (_, type, body, own) => {
    const line = { status: 200, headers: { 'content-type': type }, body };
    expect((await send(line, getTag)).result?.mediaType).toBe(own);
    expect((await send(line, headTag)).result?.mediaType).toBe(own);
  });

  test.each([
    ['has its media type in capitals', 'content-type', MEDIA_TYPE.toUpperCase()],
    ['names a media type twice', 'content-type', `${MEDIA_TYPE}, application/json`],
    ['states no length', 'content-length', '0'],
  ])('is found where the registry %s', async (_, name, value) => {
    const { result } = await send(refusesHead(withHeader(name, value), FOUND), headTag);
    expect(result).toEqual({ digest: DIGEST, mediaType: MEDIA_TYPE, size: BYTES.byteLength });
  });

  test.each([301, 302, 303, 307, 308])(
    'is read where a HEAD is redirected with %i, to nowhere or to a server that refuses it',
    async (status) => {
      const store = await scriptedServer(refusesHead({ status: 401 }, FOUND));
      const location = `${store.origin}/signed`;
      for (const target of ['', 'http://', location]) {
        const headers = { location: target };
        const line = refusesHead({ status, headers }, { status, headers: { location } });
        expect((await send(line, headTag)).result?.digest).toBe(DIGEST);
      }
    },
  );

  test.each(['<html>Please log in</html>', '', '"a text"'])(
    'is not what something else than a registry sends: %j',
    async (body) => {
      const page = { status: 200, headers: { 'content-type': 'text/html' }, body };
      for (const request of [headTag, getTag]) {
        const { code, remedy } = await errorOf(page, request);
        expect(code).toBe('REGISTRY_ANSWER');
        expect(remedy).toMatch(/^check the address/);
      }
    },
  );

  const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
  const headers = { 'docker-content-digest': OTHER_DIGEST };
  test.each([
    { headers: { ...headers, 'content-type': schema1 }, body: '{"a":"b"}' },
    { headers: { ...headers, 'content-type': 'application/json' }, body: '{"schemaVersion":1}' },
  ])('of schema 1 is refused as such: %j', async (reply) => {
    for (const request of [headTag, getTag]) {
      expect((await errorOf({ status: 200, ...reply }, request)).problem).toContain('schema 1');
    }
  });

  test('is read byte for byte', async () => {
    const { result } = await send(FOUND, (client) => client.getManifest(REPOSITORY, DIGEST));
    expect(result).toEqual({ ...MANIFEST, bytes: Buffer.from(BYTES), digest: DIGEST });
  });

  test('may have 5 MB, and no more', async () => {
    const { result } = await send({ status: 200, body: '{}'.padEnd(5_000_000) }, getTag);
    expect(result?.bytes.byteLength).toBe(5_000_000);
    const failure = await errorOf({ status: 200, body: new Uint8Array(5_000_001) }, getTag);
    expect(failure.message).toContain('more than 5000000 bytes');
  });

  test('is written as the same bytes under the same media type', async () => {
    const { result, asked } = await send({ status: 201 }, putTag);
    expect(result).toBe(DIGEST);
    expect(asked).toMatchObject([
      { method: 'PUT', headers: { 'content-type': MEDIA_TYPE }, body: '{"schemaVersion":2}' },
    ]);
  });

  const INDEX = { ...MANIFEST, mediaType: 'application/vnd.oci.image.index.v1+json' };
  const putIndex = (client: RegistryClient) => client.putManifest(REPOSITORY, TAG, INDEX);
  const saying = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });
  test.each<[number, string]>([
    [400, saying('MANIFEST_INVALID', 'manifest invalid')],
    [405, saying('UNSUPPORTED', 'Invalid media type')],
    [415, 'Unsupported Media Type'],
    [422, 'unknown manifest content type'],
  ])('that is an index is refused by an old registry, with what to do: %i %s', async (...of) => {
    const [status, body] = of;
    expect((await errorOf({ status, body }, putIndex)).remedy).toContain('index');
    expect((await errorOf({ status, body }, putTag)).remedy).not.toContain('index');
  });

  test.each<[number, string, string]>([
    [400, saying('MANIFEST_INVALID', 'tag is immutable'), 'keeps its tags from moving'],
    [400, saying('TAG_INVALID', 'tag invalid'), 'look at what it says'],
    [403, saying('DENIED', 'unsupported for you'), ''],
    [404, saying('NAME_UNKNOWN', 'no such repository'), 'name of the repository'],
  ])('that is an index may be refused for another reason: %i %s', async (status, body, remedy) => {
    const failure = await errorOf({ status, body }, putIndex);
    expect(failure.remedy).toContain(remedy);
    expect(failure.remedy).not.toContain('index');
  });

  const headOther = (client: RegistryClient) => client.headManifest(REPOSITORY, OTHER_DIGEST);
  const getOther = (client: RegistryClient) => client.getManifest(REPOSITORY, OTHER_DIGEST);
  const other = withHeader('docker-content-digest', OTHER_DIGEST);
  test.each<[string, Line, (client: RegistryClient) => Promise<unknown>]>([
    ['a digest that is none', withHeader('docker-content-digest', 'sha256:no'), headTag],
    ['another digest than the requested one', FOUND, headOther],
    ['other bytes than those of its header', other, getTag],
    ['other bytes than those of the requested digest', WITHOUT_DIGEST, getOther],
    ['other bytes than the written ones', { ...other, status: 201 }, putTag],
  ])('is refused where the registry has %s', async (_, line, request) => {
    expect((await errorOf(line, request)).code).toBe('REGISTRY_ANSWER');
  });
});

test('the newest time that the registry has stated is its clock', async () => {
  const { client, get } = await registryWith([
    withHeader('date', 'Tue, 24 Nov 2026 12:00:00 GMT'),
    withHeader('date', 'Mon, 23 Nov 2026 12:00:00 GMT'),
    withHeader('date', 'yesterday'),
  ]);
  expect(client.clock()).toBeUndefined();
  for (let time = 0; time < 3; time++) await get();
  expect(client.clock()).toEqual(new Date('2026-11-24T12:00:00Z'));
});

describe('a blob', () => {
  test('is read, and must be that of its digest', async () => {
    const { result, asked } = await send({ status: 200, body: BYTES }, getBlob);
    expect(Buffer.from(result ?? []).toString()).toBe('{"schemaVersion":2}');
    expect(asked[0]?.url).toBe(`/v2/${REPOSITORY}/blobs/${DIGEST}`);
    const failure = await errorOf({ status: 200, body: 'something else' }, getBlob);
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  const locate = async (...script: [Line, ...Line[]]) => {
    const { registry, origin, asked } = await scriptedServer(...script);
    const credentials = { username: 'ci', password: 'open sesame' };
    return {
      place: await locateBlob({ registry, credentials }, REPOSITORY, DIGEST),
      origin,
      asked,
    };
  };

  test('is located without a header where the registry wants none', async () => {
    const { place, origin, asked } = await locate({ status: 200 });
    expect(place).toEqual({ url: `${origin}/v2/${REPOSITORY}/blobs/${DIGEST}` });
    expect(asked.map(({ method }) => method)).toEqual(['HEAD']);
  });

  test('is located with the header that the registry has just taken', async () => {
    const challenge = { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };
    const { place } = await locate(challenge, { status: 200 });
    expect(place?.authorization).toBe(basicAuthorization('ci', 'open sesame'));
  });

  test.each([
    ['in part', { status: 206, body: 'x' }],
    ['as a whole', { status: 200, body: 'x'.repeat(100_000) }],
  ])('is located where a registry refuses HEAD and sends it %s', async (_, found) => {
    const { place, asked } = await locate(refusesHead({ status: 405 }, found));
    expect(place?.url).toContain(DIGEST);
    expect(asked[1]).toMatchObject({ method: 'GET', headers: { range: 'bytes=0-0' } });
  });

  test('that is not there is no error, and a refusal is one', async () => {
    expect((await locate({ status: 404 })).place).toBeUndefined();
    expect((await failureOf(locate({ status: 403 }))).code).toBe('REGISTRY_DENIED');
  });
});

test.each<(client: RegistryClient) => Promise<unknown>>([headTag, getTag, getBlob])(
  'a 404 means that there is none: %s',
  async (request) => {
    expect((await send({ status: 404 }, request)).result).toBeUndefined();
  },
);

test.each([
  [401, 'REGISTRY_UNAUTHORIZED'],
  [403, 'REGISTRY_DENIED'],
  [405, 'REGISTRY_ANSWER'],
  [410, 'REGISTRY_ANSWER'],
  [429, 'REGISTRY_RATE_LIMITED'],
  [500, 'REGISTRY_ANSWER'],
])('a %i is an error: %s', async (status, code) => {
  const error = await errorOf({ status }, headTag);
  expect(String(error)).toMatch(new RegExp(`${code} .*answered ${status}`));
  expect(error instanceof RegistryFailure).toBe(status >= 500);
});

test.each([
  ['retry-after', '1'],
  ['x-ratelimit-remaining', '0'],
])('a 403 with %s is a rate limit', async (name, value) => {
  const failure = await errorOf({ status: 403, headers: { [name]: value } }, getTag);
  expect(failure.code).toBe('REGISTRY_RATE_LIMITED');
});

test("an error quotes the registry's first error, on one line", async () => {
  const errors = [{ code: 'MANIFEST_INVALID', message: 'no\u001b[31m\nlayers' }, { code: 'X' }];
  const failure = await errorOf({ status: 400, body: JSON.stringify({ errors }) }, putTag);
  expect(failure.problem).toContain('400 (MANIFEST_INVALID: no [31m | layers)');
});

describe('a removal', () => {
  test.each([
    { status: 202, removal: 'removed' },
    { status: 204, removal: 'removed' },
    { status: 404, removal: 'gone' },
    { status: 405, removal: 'unsupported' },
    { status: 400, body: '{"errors":[{"code":"UNSUPPORTED"}]}', removal: 'unsupported' },
  ])('with a $status is $removal', async ({ removal, ...reply }) => {
    const { asked, client } = await registryWith(reply);
    expect(await client.deleteTag(REPOSITORY, TAG)).toBe(removal);
    expect(await client.deleteManifest(REPOSITORY, DIGEST)).toBe(removal);
    expect(asked).toMatchObject([
      { method: 'DELETE', url: `/v2/${REPOSITORY}/manifests/${TAG}` },
      { method: 'DELETE', url: `/v2/${REPOSITORY}/manifests/${DIGEST}` },
    ]);
  });

  test('of a tag is unsupported where only digests are taken; of a digest that is an error', async () => {
    const line = { status: 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}' };
    const { result } = await send(line, (client) => client.deleteTag(REPOSITORY, TAG));
    expect(result).toBe('unsupported');
    const failure = await errorOf(line, (client) => client.deleteManifest(REPOSITORY, DIGEST));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });
});

describe('untag', () => {
  async function untagOld(registry: MemoryRegistry, change: Partial<RegistryClient> = {}) {
    const client = await registry.connect('r.test' as Registry, new AbortController().signal);
    return untag({ ...client, ...change }, 'a' as Repository, 'old' as Tag);
  }

  test.each(['removed', 'unsupported', 'deletes'] as const)(
    'keeps the manifest with its other tags, where a request to remove a tag is %s',
    async (removal) => {
      const registry = memoryRegistry({ removal });
      const digest = registry.push('content', 'old');
      registry.tags.set('kept', digest);
      expect(await untagOld(registry)).toBe('removed');
      expect([...registry.tags]).toEqual([['kept', digest]]);
      expect([...registry.manifests.keys()]).toEqual([digest]);
    },
  );

  test.each<[string, Partial<RegistryClient>]>([
    ['nothing can be deleted', { deleteManifest: () => Promise.resolve('unsupported') }],
    ['the tag must not', { deleteTag: () => Promise.reject(new Error('denied')) }],
    ['the copy must not', { deleteManifest: () => Promise.reject(new Error('denied')) }],
  ])('leaves the tag as it was where %s be deleted', async (_, change) => {
    const registry = memoryRegistry({ removal: 'unsupported' });
    const digest = registry.push('content', 'old');
    const outcome = await untagOld(registry, change).catch(String);
    expect(outcome).toMatch(/^(unsupported|Error: denied)$/);
    expect(registry.tags.get('old')).toBe(digest);
  });

  test('leaves a version that differs in the line break at its end', async () => {
    const registry = memoryRegistry();
    const digests = [registry.push('content', 'old'), registry.push('content\n', 'kept')];
    expect(await untagOld(registry)).toBe('removed');
    expect([...registry.manifests.keys()]).toEqual(digests);
  });

  test('leaves a copy that a registry does not delete, since a tag of another removal names it', async () => {
    const registry = memoryRegistry();
    registry.push('content', 'old');
    const tagged = new RegistryError('REGISTRY_ANSWER', 'tagged', 'remove the tag');
    const deleteManifest = () => Promise.reject(tagged);
    expect(await untagOld(registry, { deleteManifest })).toBe('removed');
    expect([...registry.tags]).toEqual([]);
  });

  test('never asks for a tag of the manifest to be removed, whenever it is interrupted', async () => {
    const registry = memoryRegistry({ removal: 'deletes' });
    const digest = registry.push('content', 'old');
    const deleteTag: RegistryClient['deleteTag'] = () => {
      registry.lose(registry.tags.get('old') ?? digest);
      throw new Error('killed');
    };
    await expect(untagOld(registry, { deleteTag })).rejects.toThrow('killed');
    expect(registry.manifests.has(digest)).toBe(true);
  });

  test('finds that a tag is gone already', async () => {
    expect(await untagOld(memoryRegistry())).toBe('gone');
  });
});
