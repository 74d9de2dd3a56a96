import { expect, test } from 'vitest';
import { pullSize } from '../../infra/sandbox/published-images.ts';
import { type Digest, parseRepository } from '../../src/image-reference.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { known } from '../support/fixtures.ts';

const REPOSITORY = known(parseRepository('ci/disk'));

/** A registry's manifests; `add` returns the digest. */
function manifests() {
  const held = new Map<Digest, Uint8Array>();
  return {
    add(content: object) {
      const bytes = new TextEncoder().encode(JSON.stringify(content));
      held.set(digestOf(bytes), bytes);
      return digestOf(bytes);
    },
    getManifest(_: unknown, digest: string) {
      const bytes = held.get(digest as Digest);
      return Promise.resolve(bytes && { digest: digest as Digest, mediaType: '', bytes });
    },
  };
}

const image = (...sizes: number[]) => ({
  config: { size: 10 },
  layers: sizes.map((size) => ({ size })),
});
const member = (digest: Digest, os = 'linux') => ({
  digest,
  platform: { os, architecture: 'any' },
});

test('the size of an image is that of its configuration and layers', async () => {
  const registry = manifests();
  expect(await pullSize(registry, REPOSITORY, registry.add(image(1, 2)))).toBe(13);
});

test('the size of an index is that of its largest platform; attestations do not count', async () => {
  const registry = manifests();
  const members = [member(registry.add(image(1))), member(registry.add(image(5)))];
  const attestation = member(registry.add(image(9000)), 'unknown');
  const index = registry.add({ manifests: [...members, attestation] });
  expect(await pullSize(registry, REPOSITORY, index)).toBe(15);
});

test('the size of an index that lacks a platform, and of anything else, is not known', async () => {
  const registry = manifests();
  const missing = member(digestOf(new Uint8Array()));
  const index = registry.add({ manifests: [member(registry.add(image(1))), missing] });
  for (const digest of [index, registry.add({}), registry.add({ manifests: [] })]) {
    expect(await pullSize(registry, REPOSITORY, digest)).toBeUndefined();
  }
});
