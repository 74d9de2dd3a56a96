import { expect, test } from 'vitest';
import { digestOf, manifestPlatforms } from '../../src/registry/manifest.ts';
import { DIGEST, failureOf, MEDIA_TYPE, REPOSITORY } from './client-of.ts';

function platformsOf(content: unknown, config?: unknown) {
  const bytes = encode(content);
  const getBlob = () => Promise.resolve(config === undefined ? undefined : encode(config));
  const manifest = { digest: digestOf(bytes), mediaType: MEDIA_TYPE, bytes };
  return manifestPlatforms(manifest, REPOSITORY, { getBlob });
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
