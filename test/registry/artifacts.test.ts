import { beforeEach, describe, expect, test } from 'vitest';
import { parseRegistry, type Digest } from '../../src/image-reference.ts';
import {
  artifactManifest,
  attach,
  findReferrers,
  referrersTag,
} from '../../src/registry/artifacts.ts';
import { digestOf, type Manifest } from '../../src/registry/manifest.ts';
import type { Referrer } from '../../src/registry/referrers.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { known } from '../support/fixtures.ts';
import { clientOf, failureOf, registryWith, REPOSITORY } from './client-of.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const SUBJECT = { mediaType: INDEX, digest: digestOf(Buffer.from('subject')), size: 7 };
const TAG = referrersTag(SUBJECT.digest);
const artifact = (text: string) => ({
  artifactType: 'application/test',
  layers: [{ mediaType: 'application/json', bytes: Buffer.from(text) }],
  annotations: { b: '2', a: '1' },
});

/** A registry in memory that lists referrers, or not. */
function memory(lists: boolean) {
  const manifests = new Map<string, Manifest>();
  const blobs: string[] = [];
  const writes: string[] = [];
  let loses = 0;
  let refuses = false;
  const hasMissing = (bytes: Uint8Array) => {
    const list = JSON.parse(Buffer.from(bytes).toString()) as { manifests: { digest: string }[] };
    return list.manifests.some(({ digest }) => !manifests.has(digest));
  };
  const store = (reference: string, bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    manifests.set(reference, { digest, bytes, mediaType: INDEX });
    manifests.set(digest, { digest, bytes, mediaType: INDEX });
    return digest;
  };
  return {
    manifests,
    blobs,
    writes,
    store,
    /** Has lists refused that name what is not there, as distribution does. */
    refuseMissing: () => (refuses = true),
    /** Has this many writes of a tag overwritten by another writer. */
    lose: (count: number) => (loses = count),
    client: {
      headManifest: () => Promise.resolve(undefined),
      getManifest: (_: unknown, reference: string) => Promise.resolve(manifests.get(reference)),
      putManifest(_: unknown, reference: string, { bytes }: Pick<Manifest, 'bytes'>) {
        if (refuses && hasMissing(bytes)) {
          return Promise.reject(new RegistryError('REGISTRY_ANSWER', 'blob unknown', 'look'));
        }
        writes.push(reference);
        loses -= 1;
        return Promise.resolve(loses < 0 ? store(reference, bytes) : digestOf(bytes));
      },
      putBlob(_: unknown, bytes: Uint8Array) {
        blobs.push(Buffer.from(bytes).toString());
        return Promise.resolve(digestOf(bytes));
      },
      putReferrer(_: unknown, manifest: Manifest) {
        writes.push(manifest.digest);
        store(manifest.digest, manifest.bytes);
        return Promise.resolve(lists);
      },
      listReferrers: () => Promise.resolve<readonly Referrer[] | undefined>(undefined),
    },
  };
}

const listAt = ({ manifests }: ReturnType<typeof memory>) =>
  JSON.parse(Buffer.from(manifests.get(TAG)?.bytes ?? []).toString()) as {
    manifests: { digest: string }[];
  };

describe('an artifact', () => {
  test('has its layers, its subject and an empty configuration, in the same bytes each time', () => {
    const { bytes } = artifactManifest(artifact('x'), SUBJECT);
    expect(bytes).toEqual(artifactManifest(artifact('x'), SUBJECT).bytes);
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/test',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: digestOf(Buffer.from('{}')),
        size: 2,
        data: 'e30=',
      },
      layers: [{ mediaType: 'application/json', digest: digestOf(Buffer.from('x')), size: 1 }],
      subject: SUBJECT,
      annotations: { a: '1', b: '2' },
    });
  });

  test('needs no tag where the registry lists it', async () => {
    const registry = memory(true);
    const digest = await attach(registry.client, REPOSITORY, SUBJECT, artifact('x'));
    expect(registry.writes).toEqual([digest]);
    expect(registry.blobs.toSorted()).toEqual(['x', '{}']);
  });

  describe('in a registry that lists no referrers', () => {
    let registry: ReturnType<typeof memory>;
    beforeEach(() => (registry = memory(false)));
    const add = (text: string) => attach(registry.client, REPOSITORY, SUBJECT, artifact(text));

    test('is added to the tag that stands for the list, once', async () => {
      const first = await add('x');
      const second = await add('y');
      await add('x');
      expect(listAt(registry).manifests.map(({ digest }) => digest)).toEqual([first, second]);
      expect(listAt(registry).manifests[0]).toMatchObject({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: 'application/test',
        annotations: { a: '1' },
      });
      expect(registry.writes.filter((reference) => reference === TAG)).toHaveLength(2);
      const found = await findReferrers(registry.client, REPOSITORY, SUBJECT.digest);
      expect(found.map(({ digest, artifactType }) => [digest, artifactType])).toEqual([
        [first, 'application/test'],
        [second, 'application/test'],
      ]);
    });

    test('keeps what it does not know in the list', async () => {
      const other = { mediaType: 'x', digest: `sha256:${'1'.repeat(64)}`, size: 1, new: true };
      const list = {
        schemaVersion: 2,
        mediaType: INDEX,
        manifests: [other],
        annotations: { k: 'v' },
      };
      registry.store(TAG, Buffer.from(JSON.stringify(list)));
      await add('x');
      expect(listAt(registry)).toMatchObject({ annotations: { k: 'v' } });
      expect(listAt(registry).manifests[0]).toEqual(other);
    });

    test('leaves out what is gone, only where the registry takes no such list', async () => {
      const first = await add('x');
      const second = await add('y');
      registry.manifests.delete(first);
      const third = await add('z');
      expect(listAt(registry).manifests.map(({ digest }) => digest)).toEqual([
        first,
        second,
        third,
      ]);
      registry.refuseMissing();
      const fourth = await add('4');
      expect(listAt(registry).manifests.map(({ digest }) => digest)).toEqual([
        second,
        third,
        fourth,
      ]);
    });

    test('is added again where another writer overwrites the list', async () => {
      registry.lose(1);
      const digest = await add('x');
      expect(listAt(registry).manifests).toMatchObject([{ digest }]);
    });

    test('fails where the list never has it, or is none', async () => {
      registry.lose(100);
      expect(await failureOf(add('x'))).toMatchObject({ code: 'TAG_NOT_MOVED' });
      registry.lose(0);
      registry.store(TAG, Buffer.from('{"schemaVersion":2,"config":{}, "manifests": 3}'));
      expect(await failureOf(add('x'))).toMatchObject({ code: 'REGISTRY_ANSWER' });
    });
  });
});

describe('the referrers of a manifest', () => {
  const entry = { mediaType: 'm', digest: SUBJECT.digest, size: 3, artifactType: 't' };
  const page = (...manifests: unknown[]) => ({
    status: 200,
    body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
  });

  test('are read page by page', async () => {
    const next = {
      ...page(entry),
      headers: { link: `</v2/${REPOSITORY}/referrers/x?n=2>; rel="next"` },
    };
    const { client, asked } = await registryWith([
      next,
      page({ ...entry, annotations: { a: '1' } }),
    ]);
    const found = await client.listReferrers(REPOSITORY, SUBJECT.digest);
    expect(found).toEqual([
      { ...entry, annotations: {} },
      { ...entry, annotations: { a: '1' } },
    ]);
    expect(asked[0]?.url).toBe(`/v2/${REPOSITORY}/referrers/${SUBJECT.digest}`);
  });

  test.each([404, 400, 405, 406, 501])(
    'are no list where the registry answers %i',
    async (status) => {
      const { client } = await registryWith({ status });
      expect(await client.listReferrers(REPOSITORY, SUBJECT.digest)).toBeUndefined();
    },
  );

  test('are no list where a page of GitHub stands for it', async () => {
    const { client } = clientOf(
      { registry: known(parseRegistry('ghcr.io')) },
      {
        fetch: (url) => {
          const isPage = (url as URL).host === 'github.com';
          const headers = isPage ? {} : { location: 'https://github.com/-/v2/packages/x' };
          return Promise.resolve(new Response('', { status: isPage ? 429 : 303, headers }));
        },
      },
    );
    expect(await client.listReferrers(REPOSITORY, SUBJECT.digest)).toBeUndefined();
  });

  test('are no list where something else is answered', async () => {
    const { client } = await registryWith({ status: 200, body: '<html>' });
    expect(await client.listReferrers(REPOSITORY, SUBJECT.digest)).toBeUndefined();
  });

  test('can not be said where a later page is broken, or the pages have no end', async () => {
    const link = `</v2/${REPOSITORY}/referrers/x?n=2>; rel="next"`;
    const next = { ...page(entry), headers: { link } };
    const broken = await registryWith([next, { status: 200, body: '<html>' }]);
    const failure = await failureOf(broken.client.listReferrers(REPOSITORY, SUBJECT.digest));
    expect(failure.problem).toContain('one of its pages is no index');
    const endless = await registryWith(next);
    const other = await failureOf(endless.client.listReferrers(REPOSITORY, SUBJECT.digest));
    expect(other.problem).toContain('its pages have no end');
  });

  test.each([403, 500])('can not be said where the registry answers %i', async (status) => {
    const { client } = await registryWith({ status });
    await failureOf(client.listReferrers(REPOSITORY, SUBJECT.digest));
  });

  test.each([
    [{ 'OCI-Subject': SUBJECT.digest }, true],
    [{}, false],
  ])('are the list of a registry that answers %j to a write', async (headers, isListed) => {
    const { client } = await registryWith({ status: 201, headers });
    const manifest = artifactManifest(artifact('x'), SUBJECT);
    expect(await client.putReferrer(REPOSITORY, manifest)).toBe(isListed);
  });
});

test('what stands under the tag of referrers, and lists none, hides no list of the registry', async () => {
  const registry = memory(true);
  registry.store(TAG, Buffer.from('{"config":{}}'));
  const find = (listed: readonly Referrer[] | undefined) => {
    const client = { ...registry.client, listReferrers: () => Promise.resolve(listed) };
    return findReferrers(client, REPOSITORY, SUBJECT.digest);
  };
  const listed = [{ ...SUBJECT, artifactType: 'a/b', annotations: {} }];
  expect(await find(listed)).toEqual(listed);
  await expect(find(undefined)).rejects.toThrow(/REGISTRY_ANSWER.*is no index/);
});

test('a registry that takes the tag of referrers for the digest lists none by it', async () => {
  const registry = memory(false);
  const content = JSON.stringify({ schemaVersion: 2, manifests: [SUBJECT] });
  const digest = registry.store('subject', Buffer.from(content));
  registry.store(referrersTag(digest), Buffer.from(content));
  expect(await findReferrers(registry.client, REPOSITORY, digest)).toEqual([]);
});
