import { expect, test } from 'vitest';
import { readInventory } from '../../src/google/read-inventory.ts';
import type { ListedImage } from '../../src/google/repository-responses.ts';
import { parseRepository, type Digest } from '../../src/image-reference.ts';
import { digest } from '../retention/retention-fixture.ts';
import { known } from '../support/fixtures.ts';

const PREFIX = known(parseRepository('p/images'));
const INDEX = 'application/vnd.oci.image.index.v1+json';
const [ONE, TWO, AMD64, ARM64, ATTESTATION] = ['1', '2', 'a', 'b', 'c'].map(digest) as [
  ...[Digest, Digest, Digest, Digest, Digest],
];

const listed = (own: Digest, rest: Partial<ListedImage> = {}): ListedImage => {
  const uploadedAt = new Date(0);
  const facts = { image: 'debian-12', tags: ['some'], sizeBytes: 7, mediaType: '' };
  return { ...facts, digest: own, uploadedAt, members: undefined, ...rest };
};
const member = (own: Digest, architecture?: string) => ({
  digest: own,
  ...(architecture !== undefined && { platform: { os: 'linux', architecture } }),
});
const blob = (name: string, size: number) => ({ digest: digest(name), size });

/** The inventory of these versions, and which manifests it takes to read. */
async function read(
  images: readonly ListedImage[],
  manifests: Readonly<Record<string, unknown>> = {},
) {
  const asked: Digest[] = [];
  const client = {
    getManifest: (_: string, of: string) => {
      asked.push(of as Digest);
      const content = manifests[of];
      if (content === undefined) return Promise.resolve(undefined);
      const bytes = new TextEncoder().encode(JSON.stringify(content));
      return Promise.resolve({ digest: of as Digest, mediaType: '', bytes });
    },
  };
  return { versions: await readInventory(images, client, PREFIX), asked };
}

test('an index has its members with their platforms, and each member its indexes, once', async () => {
  const manifests = [
    member(AMD64, 'amd64'),
    member(ARM64, 'arm64'),
    { digest: ATTESTATION, platform: { os: 'unknown', architecture: 'unknown' } },
    member(AMD64, 'amd64'),
    member(ONE),
  ];
  const images = [
    listed(ONE, { mediaType: INDEX }),
    listed(TWO, {
      mediaType: INDEX,
      members: [{ digest: ARM64, platform: 'linux/arm64' }],
    }),
    ...[AMD64, ARM64, ATTESTATION].map((own) => listed(own, { tags: [] })),
  ];
  const { versions } = await read(images, { [ONE]: { manifests } });
  const owned = versions.map(({ members, indexes }) => [
    members?.map((each) => `${each.digest.at(-1)} ${each.platform}`),
    indexes,
  ]);
  expect(owned).toEqual([
    [['a linux/amd64', 'b linux/arm64', 'c undefined'], []],
    [['b linux/arm64'], []],
    [[], [ONE]],
    [[], [ONE, TWO]],
    [[], [ONE]],
  ]);
});

test('the blobs of images are read where an index has several, and none of attestations', async () => {
  const index = (own: Digest, ...members: readonly Digest[]) =>
    listed(own, {
      mediaType: INDEX,
      members: members.map((each) => {
        return { digest: each, platform: each === ATTESTATION ? undefined : 'linux/amd64' };
      }),
    });
  const { versions, asked } = await read(
    [
      index(ONE, AMD64, ARM64, ATTESTATION),
      index(TWO, AMD64, ATTESTATION),
      ...[AMD64, ARM64, ATTESTATION].map((own) => listed(own)),
    ],
    {
      [AMD64]: { config: blob('1', 10), layers: [blob('2', 100), blob('3', 1000)] },
      [ARM64]: { config: blob('4', 10), layers: [{ digest: 'odd' }] },
    },
  );
  expect(asked).toEqual([AMD64, ARM64]);
  expect(versions.map(({ blobs }) => blobs)).toEqual([
    undefined,
    undefined,
    [blob('1', 10), blob('2', 100), blob('3', 1000)],
    undefined, // Its size is that of the listing.
    undefined,
  ]);
});
