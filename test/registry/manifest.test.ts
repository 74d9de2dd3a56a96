import { expect, test } from 'vitest';
import type { Digest, Repository, Tag } from '../../src/image-reference.ts';
import { digestOf, manifestPlatforms } from '../../src/registry/manifest.ts';
import { DIGEST, failureOf, MEDIA_TYPE, REPOSITORY } from './client-of.ts';

/** `others` are the manifests that an index may name. */
function platformsOf(content: unknown, config?: unknown, others: readonly unknown[] = []) {
  const getBlob = () => Promise.resolve(config === undefined ? undefined : encode(config));
  const held = others.map(manifestOf);
  const getManifest = (_: Repository, wanted: Tag | Digest) =>
    Promise.resolve(held.find(({ digest }) => digest === wanted));
  return manifestPlatforms(manifestOf(content), REPOSITORY, { getBlob, getManifest });
}

function manifestOf(content: unknown) {
  const bytes = encode(content);
  return { digest: digestOf(bytes), mediaType: MEDIA_TYPE, bytes };
}

function encode(content: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
}

const amd64 = { os: 'linux', architecture: 'amd64' };

test('an index is for the platforms of its images, each once, and for none of its attestations', async () => {
  const manifests = [
    { platform: amd64 },
    { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    { platform: amd64 },
    { platform: { os: 'unknown', architecture: 'unknown' } },
    {},
    { platform: null },
  ];
  await expect(platformsOf({ manifests })).resolves.toEqual(['linux/amd64', 'linux/arm/v7']);
});

test('an index is for the platforms of the indexes and images in it that it states none for', async () => {
  const [arm64, s390x] = ['arm64', 's390x'].map((architecture) => ({ os: 'linux', architecture }));
  const innermost = { manifests: [{ platform: s390x }] };
  const inner = { manifests: [{ platform: arm64 }, { digest: manifestOf(innermost).digest }] };
  const image = { config: { digest: DIGEST } };
  const chart = { layers: [] };
  const others = [innermost, inner, image, chart];
  const manifests = [inner, image, chart, 'lost'].map((each) => ({
    digest: manifestOf(each).digest,
  }));
  await expect(platformsOf({ manifests }, amd64, others)).resolves.toEqual([
    'linux/arm64',
    'linux/s390x',
    'linux/amd64',
  ]);
});

test.each([
  [amd64, 'linux/amd64'],
  [{ ...amd64, variant: '' }, 'linux/amd64'],
  [{ os: 'linux', architecture: 'arm64', variant: 'v8' }, 'linux/arm64/v8'],
])('one image is for the platform of its configuration: %j', async (config, platform) => {
  await expect(platformsOf({ config: { digest: DIGEST }, layers: [] }, config)).resolves.toEqual([
    platform,
  ]);
});

test.each([
  ['no JSON', '<html>', amd64],
  ['an artifact without a configuration', { layers: [] }, amd64],
  ['an index and an image at once', { manifests: [], config: { digest: DIGEST } }, amd64],
  ['an index with layers', { manifests: [], layers: [] }, amd64],
  ['an image whose configuration is gone', { config: { digest: DIGEST } }, undefined],
  ['an artifact whose configuration is none', { config: { digest: DIGEST } }, {}],
  ['an image with a configuration that is no digest', { config: { digest: 'x' } }, amd64],
])('%s is refused', async (_, content, config) => {
  const failure = await failureOf(platformsOf(content, config));
  expect(failure.code).toBe('REGISTRY_ANSWER');
});
