import { beforeEach, describe, expect, test } from 'vitest';
import { runSigning } from '../../infra/oci/signing.ts';
import { attester } from '../../infra/oci/attest.ts';
import { tagType } from '../../infra/oci/tag-type.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { parseRegistry, parseRepository, type Digest } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';
import { readAttestations } from '../../src/attestations/read-attestations.ts';
import type { Packages } from '../../src/packages/package-list.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { failingRegistry, memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const DEBIAN = { id: 'debian', version: '12' };
const ALIAS = { ...PLACE, tag: 'latest' };
const UNSIGNED = { signed: '', signature: '' };

let registry: MemoryRegistry;
let one: Digest;
let two: Digest;
let packages: Packages;

beforeEach(() => {
  registry = memoryRegistry();
  one = registry.push('one', '12-abc');
  two = registry.push('two', '12-def');
  const libc = { name: 'libc6', version: '2.36-9', architecture: 'amd64' };
  const list = { format: 'deb' as const, distribution: DEBIAN, packages: [libc] };
  packages = { kind: 'known', list };
});

/** Attests as the plug-in does, where the inputs say what; every image has one package. */
const attest = attester({
  listContainer: () => Promise.resolve(packages),
  keptList: () => Promise.resolve(undefined),
  now: () => new Date('2026-08-21T10:30:00.123Z'),
});

const alias = (connect = registry.connect) =>
  callsOf(tagType(connect, runSigning({}).signatures, attest));

test.each([
  ['a failed build moves no alias', {}],
  ['also at another place', { registry: '127.0.0.1:1', repository: 'ci/other' }],
])('an empty digest keeps the inputs of before: %s', async (_, changed) => {
  const olds = { ...ALIAS, digest: one };
  expect(await alias().check({ ...ALIAS, ...changed, digest: '' }, olds)).toEqual(olds);
  const { digest: _none, ...absent } = { ...olds, ...changed };
  expect(await alias().check(absent, olds)).toEqual(olds);
  expect(await alias().check(absent)).toEqual({ ...absent, digest: '' });
});

test.each([
  ['registry', 'other', ['registry']],
  ['repository', 'other', ['repository']],
  ['tag', 'other', ['tag']],
  ['digest', 'sha256:b', []],
  ['digest', UNKNOWN, []],
])('another %s (%o) replaces %o, or moves the alias in place', async (part, value, replaces) => {
  const olds = { ...ALIAS, digest: 'sha256:a' };
  const found = await alias().diff(olds, { ...olds, [part]: value });
  expect(found).toEqual({ changed: [part], replaces });
  expect((await alias().diff(olds, olds)).changed).toEqual([]);
});

describe('create and update', () => {
  test('point the alias at the digest where every HEAD is answered with 404', async () => {
    const connect: typeof registry.connect = async (name, signal) => {
      const headManifest = () => Promise.resolve(undefined);
      return { ...(await registry.connect(name, signal)), headManifest };
    };
    const created = await alias(connect).create({ ...ALIAS, digest: one });
    expect(created.outputs).toMatchObject({ ...ALIAS, digest: one });
    await alias(connect).update(created.outputs, { ...ALIAS, digest: one });
    expect(registry.writes).toEqual(['put latest']);
  });

  test('point the alias at the digest, with the same bytes', async () => {
    const created = await alias().create({ ...ALIAS, digest: one });
    expect(created).toEqual({
      id: '127.0.0.1:5000/ci/debian-12:latest',
      outputs: { ...ALIAS, digest: one, published: '', ...UNSIGNED },
    });
    expect(registry.tags.get('latest')).toBe(one);
    const updated = await alias().update(created.outputs, { ...ALIAS, digest: two });
    expect(updated).toEqual({ ...ALIAS, digest: two, published: '', ...UNSIGNED });
    expect(registry.tags.get('latest')).toBe(two);
    expect(registry.writes).toEqual(['put latest', 'put latest']);
  });

  test('write nothing where the alias points there already, or no digest is known', async () => {
    registry.tags.set('latest', one);
    await alias().create({ ...ALIAS, digest: one });
    const { outputs } = await alias().create({ ...ALIAS, digest: '' });
    expect(outputs).toEqual({ ...ALIAS, digest: '', published: '', ...UNSIGNED });
    expect(registry.writes).toEqual([]);
  });

  test.each([true, false])('write nothing in a preview (digest known: %s)', async (isKnown) => {
    const news: Properties = { ...ALIAS, digest: isKnown ? one : UNKNOWN };
    const created = await alias().create(news, true);
    const planned = { ...news, published: '', ...UNSIGNED };
    expect(created.outputs).toEqual(planned);
    expect(await alias().update(created.outputs, news, true)).toEqual(planned);
    expect(registry.writes).toEqual([]);
  });

  test('fail where the digest is not in the registry', async () => {
    registry.lose(one);
    const failure = alias().create({ ...ALIAS, digest: one });
    await expect(failure).rejects.toThrow(/^MANIFEST_MISSING .*up --refresh/);
    expect(registry.writes).toEqual([]);
  });

  test('fail when the alias reads back as something else', async () => {
    const connect: typeof registry.connect = async (...place) => ({
      ...(await registry.connect(...place)),
      putManifest: () => {
        registry.tags.set('latest', two);
        return Promise.resolve(one);
      },
    });
    const failure = alias(connect).create({ ...ALIAS, digest: one });
    await expect(failure).rejects.toThrow(/^TAG_NOT_MOVED .*reads back as/);
  });
});

describe('an index', () => {
  const TAG = '0123456789abcdef0123456789abcdef';
  const CREATED = { 'org.opencontainers.image.created': '2026-08-21T10:20:30Z' };
  const annotations = { [INPUTS_LABEL]: TAG, ...CREATED };
  const index = (tag = TAG) => ({
    tag,
    members: { 'linux/arm64': two, 'linux/amd64': one },
    annotations: { ...annotations, [INPUTS_LABEL]: tag },
  });
  const inputs = (follows = true): Properties => ({ ...ALIAS, index: index(), follows });

  test('is published under its immutable tag, and the alias goes to it', async () => {
    const { id, outputs } = await alias().create(inputs());
    const digest = registry.tags.get(TAG) ?? expect.fail('no index');
    expect(id).toBe('127.0.0.1:5000/ci/debian-12:latest');
    expect(outputs).toEqual({ ...inputs(), digest, published: digest, ...UNSIGNED });
    expect(registry.tags.get('latest')).toBe(digest);
    expect(registry.writes).toEqual([`put ${TAG}`, 'put latest']);
    const { bytes } = registry.manifests.get(digest) ?? expect.fail('no index');
    const member = (of: Digest) => ({ digest: of, mediaType: 'application/test', size: 3 });
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        { ...member(one), platform: { os: 'linux', architecture: 'amd64' } },
        { ...member(two), platform: { os: 'linux', architecture: 'arm64' } },
      ],
      annotations,
    });
  });

  test('costs a request for each image and six others, an alias that is new one more', async () => {
    const counts = () =>
      ['get', 'head', 'put'].map(
        (kind) =>
          [...registry.reads, ...registry.writes].filter((each) => each.startsWith(kind)).length,
      );
    const { outputs } = await alias().create(inputs());
    expect(counts()).toEqual([2, 5, 2]);
    for (const requests of [registry.reads, registry.writes]) requests.length = 0;
    const other = '00000000000000000000000000000000';
    await alias().update(outputs, { ...ALIAS, index: index(other), follows: true });
    expect(counts()).toEqual([1, 5, 2]);
  });

  test('is published without the alias where the image does not come up, which stays', async () => {
    registry.tags.set('latest', one);
    const outputs = await alias().update({ ...ALIAS, digest: one }, inputs(false));
    expect(outputs).toMatchObject({ digest: one, published: registry.tags.get(TAG) });
    expect(registry.tags.get('latest')).toBe(one);
  });

  test.each([true, false])(
    'is planned in a preview, which writes nothing (follows: %s)',
    async (follows) => {
      const { outputs } = await alias().create(inputs(follows), true);
      expect(outputs).toEqual({
        ...inputs(follows),
        digest: follows ? UNKNOWN : '',
        published: UNKNOWN,
        ...UNSIGNED,
      });
      expect(registry.writes).toEqual([]);
    },
  );

  test('that another run has published meanwhile is the publication: its tag does not move', async () => {
    const published = registry.pushImage(annotations, TAG);
    const { outputs } = await alias().create(inputs());
    expect(outputs).toMatchObject({ published, digest: published });
    expect(registry.writes).toEqual(['put latest']);
  });

  test('is not published over an image that is not ours', async () => {
    registry.tags.set(TAG, two);
    await expect(alias().create(inputs())).rejects.toThrow(/^TAG_NOT_OURS /);
    expect(registry.writes).toEqual([]);
  });

  test('is not published without one of its images', async () => {
    registry.lose(two);
    await expect(alias().create(inputs())).rejects.toThrow(/^MANIFEST_MISSING .*linux\/arm64/);
    expect(registry.writes).toEqual([]);
  });

  test('of which a member is gone counts as missing, and is published again', async () => {
    const three = registry.push('three');
    registry.push(
      JSON.stringify({
        manifests: [{ digest: three, platform: { os: 'linux', architecture: 'amd64' } }],
        annotations,
      }),
      TAG,
    );
    registry.lose(three);
    await alias().create(inputs());
    expect(registry.writes).toEqual([`put ${TAG}`, 'put latest']);
  });

  describe('with attestations', () => {
    const provenance = {
      buildDefinition: {
        buildType: 'https://example/build',
        externalParameters: { image: { name: 'debian-12' } },
        resolvedDependencies: [],
      },
      runDetails: { builder: { id: 'https://example/pipelines' }, metadata: {} },
    };
    const attested = (kind = 'container'): Properties => {
      const attestation = { kind, provenance };
      const attestations = { 'linux/amd64': attestation, 'linux/arm64': attestation };
      return { ...inputs(), index: { ...index(), attestations } };
    };
    const read = async () => {
      const client = await registry.connect(
        known(parseRegistry('x')),
        new AbortController().signal,
      );
      const digest = registry.tags.get(TAG) ?? expect.fail('no index');
      return readAttestations(client, known(parseRepository(PLACE.repository)), digest);
    };

    test('names one for each image, with the packages and the provenance', async () => {
      await alias().create(attested());
      const finished = { metadata: { finishedOn: '2026-08-21T10:30:00Z' } };
      const of = {
        packages,
        provenance: { ...provenance, runDetails: { ...provenance.runDetails, ...finished } },
      };
      expect(await read()).toEqual({ 'linux/amd64': of, 'linux/arm64': of });
      const last = registry.writes.slice(-2);
      expect(last).toEqual([`put ${TAG}`, 'put latest']);
      const index = registry.manifests.get(registry.tags.get(TAG) ?? one);
      const content = JSON.parse(new TextDecoder().decode(index?.bytes)) as {
        manifests: readonly object[];
      };
      expect(content.manifests).toMatchObject([
        { digest: one },
        { digest: two },
        ...[one, two].map((image) => ({
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': image,
          },
        })),
      ]);
    });

    test('says in the output and in the attestation why there is no package list', async () => {
      packages = { kind: 'unknown', reason: 'it has no shell' };
      const type = alias();
      await type.create(attested());
      expect(type.logged.toSorted()).toEqual([
        'info: no package list of linux/amd64: it has no shell',
        'info: no package list of linux/arm64: it has no shell',
      ]);
      expect((await read())['linux/amd64']?.packages).toEqual(packages);
    });

    test('asks no container for the packages of a VM disk', async () => {
      await alias().create(attested('vm-disk'));
      expect((await read())['linux/amd64']?.packages).toMatchObject({ kind: 'unknown' });
    });

    test('is not published where one can not be written, and is published by the next run', async () => {
      const connect: typeof registry.connect = async (...place) => ({
        ...(await registry.connect(...place)),
        putBlob: () => Promise.reject(new RegistryError('REGISTRY_DENIED', 'no', 'grant it')),
      });
      await expect(alias(connect).create(attested())).rejects.toThrow(/^REGISTRY_DENIED /);
      expect(registry.tags.has(TAG)).toBe(false);
      await alias().create(attested());
      expect(registry.tags.has(TAG)).toBe(true);
    });

    test('is no difference for another statement about the run', async () => {
      const { outputs } = await alias().create(inputs());
      expect((await alias().diff(inputs(), attested(), outputs)).changed).toEqual([]);
    });

    test('that is there stays as it is', async () => {
      const published = registry.pushImage(annotations, TAG);
      await alias().create(attested());
      expect(registry.tags.get(TAG)).toBe(published);
      expect(registry.writes).toEqual(['put latest']);
    });
  });

  test('is a difference while it is another one, and none in the run after its publication', async () => {
    const { outputs } = await alias().create(inputs());
    const { digest = '' } = outputs;
    const diff = (news: Properties) => alias().diff(inputs(), news, outputs);
    expect((await diff({ ...ALIAS, digest })).changed).toEqual([]);
    expect((await diff(inputs())).changed).toEqual([]);
    expect((await diff(inputs(false))).changed).toEqual(['follows']);
    expect((await diff({ ...ALIAS, index: index('other'), follows: true })).changed).toEqual([
      'index',
    ]);
    expect((await diff({ ...ALIAS, digest: one })).changed).toEqual(['digest']);
  });
});

describe('read', () => {
  test('shows where the alias points, in the inputs too, so that the next run moves it back', async () => {
    const state = { ...ALIAS, digest: one };
    const moved = { ...ALIAS, digest: two };
    registry.tags.set('latest', two);
    expect(await alias().read(state, state)).toEqual({ inputs: moved, outputs: moved });
  });

  test('says "gone" of an alias that is not there, and never of a registry that fails', async () => {
    const state = { ...ALIAS, digest: one };
    expect(await alias().read(state, state)).toBeUndefined();
    const failing = alias(failingRegistry('REGISTRY_UNREACHABLE'));
    await expect(failing.read(state, state)).rejects.toThrow(RegistryError);
  });

  test('claims no tag that it never pointed', async () => {
    registry.tags.set('latest', two);
    const state = { ...ALIAS, digest: '' };
    expect(await alias().read(state, state)).toEqual({ inputs: state, outputs: state });
  });
});

describe('delete', () => {
  test.each(['removed', 'unsupported', 'deletes'] as const)(
    'removes the alias and leaves the image, where a request to remove a tag is %s',
    async (removal) => {
      registry = memoryRegistry({ removal });
      registry.tags.set('12-abc', registry.push('one', 'latest'));
      const type = alias();
      await type.delete({ ...ALIAS, digest: one });
      expect([...registry.tags]).toEqual([['12-abc', one]]);
      expect([...registry.manifests.keys()]).toEqual([one]);
      expect(type.logged).toEqual([]);
    },
  );

  test('leaves an alias that points elsewhere by now, and says so', async () => {
    const named = registry.push('two', 'latest');
    const type = alias();
    await type.delete({ ...ALIAS, digest: one });
    expect(registry.tags.get('latest')).toBe(named);
    expect(type.logged).toEqual([expect.stringMatching(/^info: .*:latest points at .*left/)]);
  });

  test('leaves an alias of a registry that deletes nothing, and says so', async () => {
    registry.tags.set('latest', one);
    const type = alias(async (...args) => {
      const client = await registry.connect(...args);
      const refuse = () => Promise.resolve('unsupported' as const);
      return { ...client, deleteTag: refuse, deleteManifest: refuse };
    });
    await type.delete({ ...ALIAS, digest: one });
    expect(registry.tags.get('latest')).toBe(one);
    expect(type.logged).toEqual([expect.stringMatching(/^info: .*:latest stays/)]);
  });

  test('is content with an alias that is gone, or was never pointed', async () => {
    await alias().delete({ ...ALIAS, digest: one });
    registry.tags.set('latest', one);
    await alias().delete({ ...ALIAS, digest: '' });
    expect(registry.writes).toEqual([]);
  });
});
