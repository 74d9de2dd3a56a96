import { beforeEach, expect, test } from 'vitest';
import { readVersions } from '../../src/clean-up/read-versions.ts';
import { parseRegistry, parseRepository, type Digest } from '../../src/image-reference.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { memoryRegistry, type MemoryRegistry } from '../oci/memory-registry.ts';
import { known } from '../support/fixtures.ts';

const CREATED = '2026-11-01T00:00:00Z';
const INPUTS = 'ab'.repeat(16);
const prefix = known(parseRepository('ci'));

let held: MemoryRegistry;
let client: RegistryClient;

beforeEach(async () => {
  held = memoryRegistry();
  const { signal } = new AbortController();
  client = await held.connect(known(parseRegistry('quay.example')), signal);
});

/** A publication from here of this image. */
function publish(image: Digest, tag: string): Digest {
  const manifests = [{ digest: image, platform: { os: 'linux', architecture: 'amd64' } }];
  const annotations = { [INPUTS_LABEL]: INPUTS, 'org.opencontainers.image.created': CREATED };
  return held.push(JSON.stringify({ manifests, annotations }), tag);
}

/** Digest → its time, if it has one. */
async function timesIn(): Promise<Readonly<Record<string, string | undefined>>> {
  const versions = await readVersions(client, prefix, 'node');
  const times = versions.map(({ digest, uploadedAt, isTimeUnknown }) => {
    return [digest, isTimeUnknown === true ? undefined : uploadedAt.toISOString()] as const;
  });
  return Object.fromEntries(times);
}

const TIME = new Date(CREATED).toISOString();

test('what a publication has copied has the time of that, and goes with it', async () => {
  const image = held.pushImage({ 'by-hand': 'v13' });
  const index = publish(image, INPUTS);
  expect(await timesIn()).toEqual({ [image]: TIME, [index]: TIME });
});

test('an image by others that they have tagged themselves has none, also as what was copied', async () => {
  const image = held.pushImage({ 'by-hand': 'v13' }, 'v13');
  const index = publish(image, INPUTS);
  expect(await timesIn()).toEqual({ [image]: undefined, [index]: TIME });
});

test('an image from here that others have tagged goes with its index', async () => {
  const labels = { [INPUTS_LABEL]: INPUTS, 'org.opencontainers.image.created': CREATED };
  const image = held.pushImage(labels, `${INPUTS}-linux-amd64`);
  held.tags.set('mine', image);
  const index = publish(image, INPUTS);
  expect(await timesIn()).toEqual({ [image]: TIME, [index]: TIME });
});
