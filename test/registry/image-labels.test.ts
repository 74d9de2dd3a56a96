import { expect, test } from 'vitest';
import type { Digest, Repository } from '../../src/image-reference.ts';
import { imageLabels } from '../../src/registry/image-labels.ts';
import { digestOf } from '../../src/registry/manifest.ts';

/** A registry with these contents, as JSON, each by its digest. */
function holding(...contents: readonly unknown[]) {
  const all = contents.map((content) => new TextEncoder().encode(JSON.stringify(content)));
  const find = (digest: Digest) => all.find((bytes) => digestOf(bytes) === digest);
  return {
    getManifest(_: Repository, digest: Digest | string) {
      const bytes = find(digest as Digest);
      return Promise.resolve(bytes && { digest: digest as Digest, mediaType: '', bytes });
    },
    getBlob: (_: Repository, digest: Digest) => Promise.resolve(find(digest)),
  };
}

const digest = (content: unknown) => digestOf(new TextEncoder().encode(JSON.stringify(content)));

const CONFIG = { config: { Labels: { a: 'b' } } };
const IMAGE = { config: { digest: digest(CONFIG) }, layers: [] };
const INDEX = { manifests: [{ digest: digest(IMAGE) }] };
const ATTESTATION = {
  digest: digest({ config: { digest: digest({}) } }),
  platform: { os: 'unknown', architecture: 'unknown' },
};
const ATTESTED = { manifests: [ATTESTATION, { digest: digest(IMAGE) }] };

test.each<[string, unknown, readonly unknown[], object]>([
  ['of an image are in its configuration', IMAGE, [CONFIG], { a: 'b' }],
  ['of an index are those of its first image', INDEX, [IMAGE, CONFIG], { a: 'b' }],
  ['of an index are not those of an attestation', ATTESTED, [IMAGE, CONFIG], { a: 'b' }],
  ['are none where the configuration is missing', IMAGE, [], {}],
  ['are none where the configuration has none', { config: { digest: digest({}) } }, [{}], {}],
  ['are none where this is no image', { charts: [] }, [], {}],
])('labels %s', async (_, named, others, labels) => {
  const found = imageLabels(holding(named, ...others), 'ci/debian' as Repository, digest(named));
  expect(await found).toEqual(labels);
});
