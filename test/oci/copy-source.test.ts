import { beforeEach, expect, test } from 'vitest';
import type { Connect } from '../../infra/oci/connect.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { runSigning } from '../../infra/oci/signing.ts';
import { parseRegistry, parseRepository, type Digest } from '../../src/image-reference.ts';
import { attach, findReferrers, referrersTag } from '../../src/registry/artifacts.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { RegistryError, type RegistryErrorCode } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { known } from '../support/fixtures.ts';
import { failingRegistry, memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const SOURCE = 'quay.example';
const HELD = known(parseRepository('kubespray/vm-ci'));
const PLATFORM = 'linux/amd64';
const signal = new AbortController().signal;

let own: MemoryRegistry;
let source: MemoryRegistry;
let failure: RegistryErrorCode | undefined;
let image: Digest;
let inputs: Properties;

const connect: Connect = (registry, ends, use) => {
  if (registry !== SOURCE) return own.connect(registry, ends);
  expect(use).toBe('reads');
  return (failure === undefined ? source.connect : failingRegistry(failure))(registry, ends);
};

function publication() {
  const { signatures } = runSigning({});
  const world = { connect, signing: signatures, now: () => new Date(0), random: () => '0' };
  return callsOf(publicationType(world));
}

const sourceClient = () => source.connect(known(parseRegistry(SOURCE)), signal);

beforeEach(async () => {
  own = memoryRegistry();
  source = memoryRegistry();
  failure = undefined;
  const client = await sourceClient();
  const put = async (text: string) => {
    const bytes = Buffer.from(text);
    return { digest: await client.putBlob(HELD, bytes), size: bytes.byteLength };
  };
  const config = await put('{"os":"linux","architecture":"amd64"}');
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...(await put('x')) }];
  const mediaType = 'application/vnd.oci.image.config.v1+json';
  image = source.push(JSON.stringify({ config: { mediaType, ...config }, layers }));
  inputs = {
    ...PLACE,
    platforms: { [PLATFORM]: `${PLACE.tag}-linux-amd64` },
    from: `${SOURCE}/${HELD}:v13@${image}`,
  };
});

test('a copy is there before its publication ends, and no tag names it', async () => {
  const { outputs } = await publication().create(inputs);
  expect(outputs).toMatchObject({
    ...{ published: false, digest: '', members: { [PLATFORM]: image }, attested: {} },
    created: '1970-01-01T00:00:00Z',
  });
  expect([...own.manifests.keys()]).toEqual([image]);
  expect(own.manifests.get(image)?.bytes).toEqual(source.manifests.get(image)?.bytes);
  expect(own.tags.get(PLACE.tag)).toBeUndefined();
});

test('what is attested of an image comes along, by its index and by its registry', async () => {
  const client = await sourceClient();
  const artifact = { artifactType: 'application/x.signature', layers: [], annotations: {} };
  const subject = known(await client.headManifest(HELD, image));
  await attach(client, HELD, subject, artifact);
  const statement = source.push(JSON.stringify({ ...JSON.parse(textOf(image)), annotations: {} }));
  const annotations = { 'vnd.docker.reference.digest': image };
  const index = source.push(
    JSON.stringify({
      manifests: [
        { digest: image, platform: { os: 'linux', architecture: 'amd64' } },
        { digest: statement, platform: { os: 'unknown', architecture: 'unknown' }, annotations },
      ],
    }),
  );
  const from = `${SOURCE}/${HELD}@${index}`;
  const { outputs } = await publication().create({ ...inputs, from });
  expect(outputs).toMatchObject({
    members: { [PLATFORM]: image },
    attested: { [PLATFORM]: [statement] },
  });
  expect(own.manifests.has(statement)).toBe(true);
  expect(own.manifests.has(index)).toBe(false);
  const to = await own.connect(known(parseRegistry(PLACE.registry)), signal);
  const found = await findReferrers(to, known(parseRepository(PLACE.repository)), image);
  expect(found.map(({ artifactType }) => artifactType)).toEqual([artifact.artifactType]);
});

test('what the registry of the source lists for an image, and is about another, stays there', async () => {
  const client = await sourceClient();
  const artifact = { artifactType: 'application/x.signature', layers: [], annotations: {} };
  const other = {
    ...known(await client.headManifest(HELD, image)),
    digest: digestOf(Buffer.from('x')),
  };
  const foreign = await attach(client, HELD, other, artifact);
  const entry = known(await client.headManifest(HELD, foreign));
  const lists = source.push(
    JSON.stringify({ manifests: [entry], schemaVersion: 2 }),
    referrersTag(image),
  );
  await publication().create(inputs);
  expect([...own.manifests.keys()]).toEqual([image]);
  expect(source.manifests.has(lists)).toBe(true);
});

test('an index that refers to an image comes along with its members', async () => {
  const client = await sourceClient();
  const subject = known(await client.headManifest(HELD, image));
  const config = { digest: await client.putBlob(HELD, Buffer.from('{}')), size: 2 };
  const member = source.push(JSON.stringify({ config, layers: [] }));
  const index = source.push(JSON.stringify({ manifests: [{ digest: member }], subject }));
  await publication().create(inputs);
  expect([...own.manifests.keys()].toSorted()).toEqual([image, index, member].toSorted());
});

function textOf(digest: Digest): string {
  return Buffer.from(source.manifests.get(digest)?.bytes ?? []).toString();
}

test('a preview knows the images, and writes nothing', async () => {
  const { outputs } = await publication().create(inputs, true);
  expect(outputs).toMatchObject({ members: { [PLATFORM]: image } });
  expect(own.writes).toEqual([]);
});

test.each<RegistryErrorCode>(['REGISTRY_UNREACHABLE', 'REGISTRY_UNAUTHORIZED', 'DOCKER_CONFIG'])(
  'a preview without a way to the source warns, and a run fails: %s',
  async (code) => {
    failure = code;
    const { create, logged } = publication();
    expect((await create(inputs, true)).outputs).toMatchObject({ members: UNKNOWN });
    expect(logged).toEqual([expect.stringMatching(/^warning: .* is not checked: /)]);
    await expect(create(inputs)).rejects.toBeInstanceOf(RegistryError);
    expect(own.writes).toEqual([]);
  },
);

test('a preview refuses an image that the source does not have', async () => {
  source.lose(image);
  await expect(publication().create(inputs, true)).rejects.toThrow(/MANIFEST_MISSING/);
});

test('a published copy asks its source nothing, and heals when it vanished', async () => {
  const labels = JSON.stringify({ annotations: { [INPUTS_LABEL]: PLACE.tag } }).slice(1, -1);
  const platform = { os: 'linux', architecture: 'amd64' };
  await publication().create(inputs);
  const members = JSON.stringify([{ digest: image, platform }]);
  const index = own.push(`{"manifests":${members},${labels}}`, PLACE.tag);
  failure = 'REGISTRY_UNREACHABLE';
  const { outputs } = await publication().create(inputs);
  expect(outputs).toMatchObject({ published: true, digest: index });

  failure = undefined;
  own.lose(index);
  own.lose(image);
  expect(await publication().read(inputs, outputs)).toBeUndefined();
  await publication().create(inputs);
  expect(own.manifests.has(image)).toBe(true);
});

test('a copy that was interrupted goes on with the next run', async () => {
  const { outputs } = await publication().create(inputs);
  own.lose(image);
  const again = await publication().update(outputs, inputs);
  expect(again).toMatchObject({ published: false, members: { [PLATFORM]: image } });
  expect(own.manifests.has(image)).toBe(true);
});
