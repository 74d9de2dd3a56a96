import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/registry/manifest.ts';
import {
  BYTES,
  clientOf,
  DIGEST,
  failureOf,
  FOUND,
  MEDIA_TYPE,
  OTHER_DIGEST,
  REPOSITORY,
  TAG,
} from './client-of.ts';
import { scriptedServer } from './scripted-server.ts';

describe('headManifest', () => {
  test('accepts all four kinds of manifest, so that none is converted to another digest', async () => {
    const server = await scriptedServer(FOUND);
    await clientOf(server).client.headManifest(REPOSITORY, TAG);
    expect(server.asked).toMatchObject([
      { method: 'HEAD', url: `/v2/${REPOSITORY}/manifests/${TAG}` },
    ]);
    expect(server.asked[0]?.headers.accept?.split(', ')).toHaveLength(4);
  });

  test('gives digest, media type and size', async () => {
    const type = { 'content-type': `${MEDIA_TYPE}; charset=utf-8` };
    const server = await scriptedServer({ ...FOUND, headers: { ...FOUND.headers, ...type } });
    const found = await clientOf(server).client.headManifest(REPOSITORY, TAG);
    expect(found).toEqual({ digest: DIGEST, mediaType: MEDIA_TYPE, size: 19 });
    expect(server.asked).toHaveLength(1);
  });

  test('takes a 404, and nothing else, as "not there"', async () => {
    const server = await scriptedServer({ status: 404 });
    await expect(clientOf(server).client.headManifest(REPOSITORY, TAG)).resolves.toBeUndefined();
  });

  test.each([
    { status: 401, code: 'REGISTRY_UNAUTHORIZED' },
    { status: 403, code: 'REGISTRY_DENIED' },
    { status: 405, code: 'REGISTRY_ANSWER' },
    { status: 410, code: 'REGISTRY_ANSWER' },
    { status: 500, code: 'REGISTRY_ANSWER' },
  ])('throws $code for a $status', async ({ status, code }) => {
    const server = await scriptedServer({ status });
    const failure = await failureOf(clientOf(server).client.headManifest(REPOSITORY, TAG));
    expect(failure).toMatchObject({ code });
    expect(failure.message).toContain(`answered ${status}`);
  });

  test('hashes the manifest itself where the registry names no digest', async () => {
    const server = await scriptedServer({ ...FOUND, headers: { 'content-type': MEDIA_TYPE } });
    const found = await clientOf(server).client.headManifest(REPOSITORY, TAG);
    expect(found).toEqual({ digest: DIGEST, mediaType: MEDIA_TYPE, size: BYTES.byteLength });
    expect(server.asked.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  test('refuses a digest that is none', async () => {
    const headers = { ...FOUND.headers, 'docker-content-digest': 'sha256:no' };
    const server = await scriptedServer({ ...FOUND, headers });
    const failure = await failureOf(clientOf(server).client.headManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  test('refuses another digest than the one it asked for', async () => {
    const server = await scriptedServer(FOUND);
    const failure = await failureOf(clientOf(server).client.headManifest(REPOSITORY, OTHER_DIGEST));
    expect(failure.message).toContain(OTHER_DIGEST);
  });
});

describe('getManifest', () => {
  test('gives the bytes as they were pushed', async () => {
    const server = await scriptedServer(FOUND);
    const found = await clientOf(server).client.getManifest(REPOSITORY, DIGEST);
    expect(found).toMatchObject({ digest: DIGEST, mediaType: MEDIA_TYPE });
    expect(digestOf(found?.bytes ?? new Uint8Array())).toBe(DIGEST);
  });

  test('takes a 404 as "not there"', async () => {
    const server = await scriptedServer({ status: 404 });
    await expect(clientOf(server).client.getManifest(REPOSITORY, TAG)).resolves.toBeUndefined();
  });

  test('refuses bytes that are not those of the digest in the header', async () => {
    const headers = { ...FOUND.headers, 'docker-content-digest': OTHER_DIGEST };
    const server = await scriptedServer({ ...FOUND, headers });
    const failure = await failureOf(clientOf(server).client.getManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_ANSWER');
    expect(failure.message).toContain(OTHER_DIGEST);
  });

  test('refuses bytes that are not those of the digest it asked for', async () => {
    const server = await scriptedServer({ ...FOUND, headers: { 'content-type': MEDIA_TYPE } });
    const failure = await failureOf(clientOf(server).client.getManifest(REPOSITORY, OTHER_DIGEST));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  test('refuses a manifest of more than 5 MB without reading on', async () => {
    const server = await scriptedServer({ status: 200, body: new Uint8Array(5_000_001) });
    const failure = await failureOf(clientOf(server).client.getManifest(REPOSITORY, TAG));
    expect(failure.message).toContain('more than 5000000 bytes');
    expect(server.asked).toHaveLength(1);
  });

  test('takes one of exactly 5 MB', async () => {
    const server = await scriptedServer({ status: 200, body: new Uint8Array(5_000_000) });
    const found = await clientOf(server).client.getManifest(REPOSITORY, TAG);
    expect(found?.bytes.byteLength).toBe(5_000_000);
  });
});

describe('putManifest', () => {
  const manifest = { mediaType: MEDIA_TYPE, bytes: BYTES };

  test('writes the same bytes under the media type they had', async () => {
    const server = await scriptedServer({ status: 201 });
    await expect(clientOf(server).client.putManifest(REPOSITORY, TAG, manifest)).resolves.toBe(
      DIGEST,
    );
    expect(server.asked).toMatchObject([
      { method: 'PUT', headers: { 'content-type': MEDIA_TYPE }, body: '{"schemaVersion":2}' },
    ]);
  });

  test('fails when the registry stored something else', async () => {
    const headers = { 'docker-content-digest': OTHER_DIGEST };
    const server = await scriptedServer({ status: 201, headers });
    const failure = await failureOf(clientOf(server).client.putManifest(REPOSITORY, TAG, manifest));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  test("quotes the registry's first error, on one line", async () => {
    const errors = [{ code: 'MANIFEST_INVALID', message: 'no\u001b[31m\nlayers' }, { code: 'X' }];
    const server = await scriptedServer({ status: 400, body: JSON.stringify({ errors }) });
    const failure = await failureOf(clientOf(server).client.putManifest(REPOSITORY, TAG, manifest));
    expect(failure.problem).toContain('400 (MANIFEST_INVALID: no [31m | layers)');
  });
});

describe('deleteTag and deleteManifest', () => {
  test.each([
    { status: 202, removal: 'removed' },
    { status: 204, removal: 'removed' },
    { status: 404, removal: 'gone' },
    { status: 405, removal: 'unsupported' },
    { status: 400, body: '{"errors":[{"code":"UNSUPPORTED"}]}', removal: 'unsupported' },
  ])('a $status means $removal', async ({ removal, ...reply }) => {
    const server = await scriptedServer(reply);
    const { client } = clientOf(server);
    await expect(client.deleteTag(REPOSITORY, TAG)).resolves.toBe(removal);
    await expect(client.deleteManifest(REPOSITORY, DIGEST)).resolves.toBe(removal);
    expect(server.asked).toMatchObject([
      { method: 'DELETE', url: `/v2/${REPOSITORY}/manifests/${TAG}` },
      { method: 'DELETE', url: `/v2/${REPOSITORY}/manifests/${DIGEST}` },
    ]);
  });

  test('a 400 for a digest that is none means that a tag, and no manifest, is unsupported', async () => {
    const server = await scriptedServer({
      status: 400,
      body: '{"errors":[{"code":"DIGEST_INVALID"}]}',
    });
    const { client } = clientOf(server);
    await expect(client.deleteTag(REPOSITORY, TAG)).resolves.toBe('unsupported');
    const failure = await failureOf(client.deleteManifest(REPOSITORY, DIGEST));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  test('a 403 is an error', async () => {
    const server = await scriptedServer({ status: 403 });
    const failure = await failureOf(clientOf(server).client.deleteTag(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_DENIED');
  });
});

describe('getBlob', () => {
  test('gives bytes that match their digest', async () => {
    const server = await scriptedServer({ status: 200, body: BYTES });
    const { client } = clientOf(server);
    const bytes = await client.getBlob(REPOSITORY, DIGEST);
    expect(Buffer.from(bytes ?? []).toString()).toBe('{"schemaVersion":2}');
    expect(server.asked[0]?.url).toBe(`/v2/${REPOSITORY}/blobs/${DIGEST}`);
  });

  test('refuses others', async () => {
    const server = await scriptedServer({ status: 200, body: BYTES });
    const failure = await failureOf(clientOf(server).client.getBlob(REPOSITORY, OTHER_DIGEST));
    expect(failure.code).toBe('REGISTRY_ANSWER');
  });

  test('takes a 404 as "not there"', async () => {
    const server = await scriptedServer({ status: 404 });
    await expect(clientOf(server).client.getBlob(REPOSITORY, DIGEST)).resolves.toBeUndefined();
  });
});
