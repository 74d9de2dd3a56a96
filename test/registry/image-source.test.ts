import { beforeEach, describe, expect, test } from 'vitest';
import { parseRegistry, parseRepository, type Digest } from '../../src/image-reference.ts';
import { readSource } from '../../src/registry/image-source.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { memoryRegistry, type MemoryRegistry } from '../oci/memory-registry.ts';
import { known, rejection } from '../support/fixtures.ts';

const BOTH = ['linux/amd64', 'linux/arm64'];
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const signal = new AbortController().signal;

let held: MemoryRegistry;
let place: Parameters<typeof readSource>[0];

beforeEach(async () => {
  held = memoryRegistry();
  const registry = known(parseRegistry('quay.example'));
  const client = await held.connect(registry, signal);
  place = { client, registry, repository: known(parseRepository('kubespray/vm-ci')) };
});

/** An image with one layer, for linux/amd64 as its configuration says. */
async function push(layer: object = {}, more: object = {}): Promise<Digest> {
  const platform = Buffer.from('{"os":"linux","architecture":"amd64","variant":""}');
  const config = {
    mediaType: CONFIG,
    digest: await place.client.putBlob(place.repository, platform),
    size: platform.byteLength,
  };
  const layers = [{ mediaType: LAYER, digest: `sha256:${'1'.repeat(64)}`, size: 1, ...layer }];
  return held.push(JSON.stringify({ config, layers, ...more }));
}

function member(digest: Digest, platform: string, annotations?: object) {
  const [os, architecture, variant] = platform.split('/');
  return { digest, platform: { os, architecture, variant }, annotations };
}

const pushIndex = (...manifests: readonly object[]) => held.push(JSON.stringify({ manifests }));

async function failureOf(digest: Digest, platforms = ['linux/amd64']) {
  const { code, problem } = await rejection(readSource(place, digest, platforms), RegistryError);
  return `${code} ${problem}`;
}

describe('the images of a source', () => {
  test('are those of an index for the platforms that are wanted, in their order', async () => {
    const [one, two, three] = [
      await push({ size: 1 }),
      await push({ size: 2 }),
      await push({ size: 3 }),
    ];
    const index = pushIndex(
      ...[member(one, 'linux/amd64'), member(two, 'linux/arm64/v8'), member(three, 'linux/386')],
    );
    expect(await readSource(place, index, BOTH.toReversed())).toEqual([
      { platform: 'linux/arm64', digest: two, attestations: [] },
      { platform: 'linux/amd64', digest: one, attestations: [] },
    ]);
  });

  test('come with what the index attests of them, as far as it is there', async () => {
    const one = await push();
    const of = { 'vnd.docker.reference.digest': one };
    const [statement, gone] = [await push({ size: 2 }), await push({ size: 3 })];
    held.lose(gone);
    const index = pushIndex(
      ...[member(one, 'linux/amd64'), member(statement, 'unknown/unknown', of)],
      member(gone, 'unknown/unknown', of),
    );
    expect(await readSource(place, index, ['linux/amd64'])).toEqual([
      { platform: 'linux/amd64', digest: one, attestations: [statement] },
    ]);
  });

  test('are no attestations of each other, whatever the index says', async () => {
    const [one, two] = [await push(), await push({ size: 2 })];
    const of = { 'vnd.docker.reference.digest': one };
    const index = pushIndex(
      member(one, 'linux/amd64'),
      member(two, 'linux/arm64', of),
      member(one, 'unknown/unknown', of),
    );
    expect(await readSource(place, index, ['linux/amd64'])).toEqual([
      { platform: 'linux/amd64', digest: one, attestations: [] },
    ]);
  });

  test('are those of an index in the index, whose platform it does not state', async () => {
    const [one, two] = [await push(), await push({ size: 2 })];
    const inner = pushIndex(member(one, 'linux/amd64'));
    const index = pushIndex({ digest: inner }, member(two, 'linux/arm64'));
    expect(await readSource(place, index, BOTH)).toEqual([
      { platform: 'linux/amd64', digest: one, attestations: [] },
      { platform: 'linux/arm64', digest: two, attestations: [] },
    ]);
  });

  test('are one, where the digest names an image itself', async () => {
    const digest = await push();
    expect(await readSource(place, digest, ['linux/amd64'])).toEqual([
      { platform: 'linux/amd64', digest, attestations: [] },
    ]);
    expect(await failureOf(digest, BOTH)).toMatch(
      /^PLATFORM_MISSING .* has no image for linux\/arm64 \(only: linux\/amd64\)/,
    );
  });
});

describe('what is no image to copy is refused by name', () => {
  test.each<[what: string, layer: object, more: object, RegExp]>([
    [
      'a foreign layer by its type',
      { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' },
      {},
      /has a foreign layer, sha256:1+/,
    ],
    ['a layer with addresses', { urls: ['https://example.com/x'] }, {}, /has a foreign layer/],
    [
      'an artifact',
      {},
      { artifactType: 'application/x.chart' },
      /is no image: application\/x.chart/,
    ],
  ])('%s', async (_, layer, more, problem) => {
    const image = await push(layer, more);
    const index = pushIndex(member(image, 'linux/amd64'));
    for (const digest of [image, index]) {
      const failure = await failureOf(digest);
      expect(failure).toMatch(/^IMAGE_UNSUPPORTED quay\.example\/kubespray\/vm-ci@sha256:/);
      expect(failure).toMatch(problem);
      expect(failure).toContain(image);
    }
  });

  test('an index among the images of an index', async () => {
    const inner = pushIndex(member(await push(), 'linux/amd64'));
    const failure = await failureOf(pushIndex(member(inner, 'linux/amd64')));
    expect(failure).toMatch(/^IMAGE_UNSUPPORTED .* is no image: /);
    expect(failure).toContain(inner);
  });

  test('a manifest that is an index as well', async () => {
    const image = await push({}, { manifests: [] });
    expect(await failureOf(pushIndex(member(image, 'linux/amd64')))).toMatch(/^IMAGE_UNSUPPORTED/);
  });

  test('a configuration of another kind', async () => {
    const config = { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: '', size: 1 };
    const chart = await push({}, { config });
    const index = pushIndex(member(chart, 'linux/amd64'));
    expect(await failureOf(index)).toContain('is no image: application/vnd.cncf.helm');
  });
});

test('an image that is not there, or not any more, is missing by its digest', async () => {
  const image = await push();
  const index = pushIndex(member(image, 'linux/amd64'));
  held.lose(image);
  expect(await failureOf(image)).toContain(
    `MANIFEST_MISSING quay.example/kubespray/vm-ci@${image}`,
  );
  expect(await failureOf(index)).toContain(
    `MANIFEST_MISSING quay.example/kubespray/vm-ci@${image}`,
  );
});
