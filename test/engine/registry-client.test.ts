import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDigest, parseRegistry, parseTag, type Registry } from '../../src/image-reference.ts';
import { parseManifest } from '../../src/registry/manifest.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import { copyOf, registryClient, untag } from '../../src/registry/registry-client.ts';
import {
  clientOf,
  failureOf,
  MEDIA_TYPE,
  OTHER_DIGEST,
  REPOSITORY,
  TAG,
} from '../registry/client-of.ts';
import { known } from '../support/fixtures.ts';
import { REGISTRY_ACCOUNT, startRegistry, type StartedRegistry } from '../support/registry.ts';
import { IMAGE, pushManifest, pushPlatformImage } from '../support/pushed-images.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const dir = sharedFolder();
let open: StartedRegistry;
let locked: StartedRegistry;

beforeAll(async () => {
  open = await startRegistry({ dir: path.join(dir, 'open') });
  locked = await startRegistry({ dir: path.join(dir, 'locked'), auth: true });
});

afterAll(async () => {
  await Promise.all([open.stop(), locked.stop()]);
});

function registryOf({ address }: StartedRegistry): Registry {
  return known(parseRegistry(address));
}

function clientFor(started: StartedRegistry, credentials?: Credentials) {
  return registryClient({ registry: registryOf(started), credentials });
}

function push(started: StartedRegistry, label: string) {
  const target = { address: started.address, repository: REPOSITORY, client: clientFor(started) };
  return pushPlatformImage(target, 'linux/amd64', label, TAG);
}

const LATEST = parseTag('latest') ?? TAG;

describe('a real registry', () => {
  test('gives back a manifest byte for byte, under its tag, its digest and an alias', async () => {
    const client = clientFor(open);
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toBeUndefined();
    const digest = await push(open, 'first');
    const found = (await client.getManifest(REPOSITORY, digest)) ?? expect.fail('it is not there');
    expect(found).toMatchObject({ digest, mediaType: MEDIA_TYPE });
    await client.putManifest(REPOSITORY, LATEST, found);
    await expect(client.headManifest(REPOSITORY, LATEST)).resolves.toEqual({
      digest,
      mediaType: MEDIA_TYPE,
      size: found.bytes.byteLength,
    });
    expect(new Set(await client.listTags(REPOSITORY))).toEqual(new Set([TAG, LATEST]));
    await expect(client.listRepositories()).resolves.toEqual([REPOSITORY]);
    const config = parseDigest(parseManifest(found.bytes)?.config?.digest ?? '');
    const blob = config && (await client.getBlob(REPOSITORY, config));
    expect(Buffer.from(blob ?? []).toString()).toContain('"content":"first"');
  });

  test('cannot remove a tag, and deletes a manifest with all of its tags', async () => {
    const client = clientFor(open);
    const digest = await push(open, 'second');
    await expect(client.deleteTag(REPOSITORY, TAG)).resolves.toBe('unsupported');
    await expect(client.deleteManifest(REPOSITORY, digest)).resolves.toBe('removed');
    await expect(client.deleteManifest(REPOSITORY, digest)).resolves.toBe('gone');
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toBeUndefined();
    await expect(client.getManifest(REPOSITORY, OTHER_DIGEST)).resolves.toBeUndefined();
  });

  test('loses one tag of a version, by a copy of its manifest', async () => {
    const client = clientFor(open);
    const digest = await push(open, 'third');
    const found = (await client.getManifest(REPOSITORY, digest)) ?? expect.fail('it is not there');
    await client.putManifest(REPOSITORY, LATEST, found);
    await expect(untag(client, REPOSITORY, TAG)).resolves.toBe('removed');
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toBeUndefined();
    await expect(client.headManifest(REPOSITORY, LATEST)).resolves.toMatchObject({ digest });
    await expect(client.headManifest(REPOSITORY, copyOf(found).digest)).resolves.toBeUndefined();
  });

  test('refuses a manifest whose configuration it does not have, and is quoted', async () => {
    const target = { repository: REPOSITORY, client: clientFor(open) };
    const config = { mediaType: 'a/b', digest: OTHER_DIGEST, size: 1 };
    const failure = await failureOf(pushManifest(target, IMAGE, { config, layers: [] }, TAG));
    expect(failure.code).toBe('REGISTRY_ANSWER');
    expect(failure.message).toContain('MANIFEST_BLOB_UNKNOWN');
  });

  test('lets in the account of its password file, and nobody else', async () => {
    const client = clientFor(locked, REGISTRY_ACCOUNT);
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toBeUndefined();
    for (const credentials of [undefined, { username: 'ci', password: 'a guess' }]) {
      const failure = await failureOf(clientFor(locked, credentials).headManifest(REPOSITORY, TAG));
      expect(failure.code).toBe('REGISTRY_UNAUTHORIZED');
      expect(failure.message).not.toContain('a guess');
    }
  });

  test('that is back on its port within the retries was never away', async () => {
    const folder = path.join(dir, 'restarted');
    const before = await startRegistry({ dir: folder });
    const client = clientFor(before);
    const digest = await push(before, 'third');
    await before.stop();
    const answer = client.headManifest(REPOSITORY, TAG);
    const port = Number(before.address.split(':')[1]);
    const after = await startRegistry({ dir: folder, port });
    await expect(answer).resolves.toMatchObject({ digest });
    await after.stop();
    const stopped = clientOf({ registry: registryOf(before) }).client;
    const failure = await failureOf(stopped.headManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_UNREACHABLE');
  });
});
