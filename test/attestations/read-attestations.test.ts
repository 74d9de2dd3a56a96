import { beforeEach, describe, expect, test } from 'vitest';
import {
  attestationManifest,
  PACKAGES_UNKNOWN,
  type Attested,
} from '../../src/attestations/attestation-manifest.ts';
import { readAttestations } from '../../src/attestations/read-attestations.ts';
import { parseRegistry, parseRepository, type Digest } from '../../src/image-reference.ts';
import type { Packages } from '../../src/packages/package-list.ts';
import { artifactManifest, pushArtifact } from '../../src/registry/artifacts.ts';
import { composeIndex } from '../../src/registry/image-index.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryFailure } from '../../src/registry/registry-error.ts';
import { memoryRegistry, type MemoryRegistry } from '../oci/memory-registry.ts';
import { packagesOf } from '../packages/packages-of.ts';
import { known } from '../support/fixtures.ts';

const REPOSITORY = known(parseRepository('ci/debian-12'));
const PROVENANCE = {
  buildDefinition: { buildType: 'x', externalParameters: {}, resolvedDependencies: [] },
  runDetails: { builder: { id: 'y' }, metadata: {} },
};
const list = (version: string) => packagesOf('deb', [`libc6 ${version} amd64`]);

let registry: MemoryRegistry;
let client: RegistryClient;
beforeEach(async () => {
  registry = memoryRegistry();
  client = await registry.connect(known(parseRegistry('r.example')), new AbortController().signal);
});

const memberOf = (platform: string, digest: Digest) => ({
  platform,
  descriptor: { digest, mediaType: 'application/test', size: 3 },
});

/** Publishes an index of images, each with what is attested of it, and `of` whom where that is another image. */
async function publish(
  ...images: { platform: string; digest: Digest; attested?: Attested; of?: Digest }[]
) {
  const attestations = [];
  for (const { platform, digest, attested, of = digest } of images) {
    if (attested === undefined) continue;
    const { artifact, manifest } = attestationManifest('r', memberOf(platform, of), attested);
    await pushArtifact(client, REPOSITORY, artifact, manifest);
    const descriptor = { ...manifest, size: manifest.bytes.byteLength };
    attestations.push({ image: memberOf(platform, digest), descriptor });
  }
  const members = images.map(({ platform, digest }) => memberOf(platform, digest));
  const index = composeIndex(members, {}, attestations);
  registry.manifests.set(index.digest, index);
  return index.digest;
}

const read = (digest: Digest) => readAttestations(client, REPOSITORY, digest);

describe('the attestations of a publication', () => {
  test('are read by platform', async () => {
    const attested = (version: string) => ({ packages: list(version), provenance: PROVENANCE });
    const index = await publish(
      { platform: 'linux/amd64', digest: registry.push('one'), attested: attested('1') },
      { platform: 'linux/arm64', digest: registry.push('two'), attested: attested('2') },
    );
    expect(await read(index)).toEqual({
      'linux/amd64': attested('1'),
      'linux/arm64': attested('2'),
    });
  });

  test('say why a package list is unknown', async () => {
    const packages: Packages = { kind: 'unknown', reason: 'it has no shell' };
    const attested = { packages, provenance: PROVENANCE };
    const digest = registry.push('one');
    const index = await publish({ platform: 'linux/amd64', digest, attested });
    expect(await read(index)).toEqual({ 'linux/amd64': attested });
    const { manifest, artifact } = attestationManifest(
      'r',
      memberOf('linux/amd64', digest),
      attested,
    );
    expect(artifact.layers).toHaveLength(1);
    expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toMatchObject({
      annotations: { [PACKAGES_UNKNOWN]: 'it has no shell' },
    });
  });

  test('are none of an index without them, and of one image without an index', async () => {
    const none = { packages: { kind: 'unknown' }, provenance: undefined };
    const index = await publish({ platform: 'linux/arm64', digest: registry.push('one') });
    expect(await read(index)).toMatchObject({ 'linux/arm64': none });
    const config = await client.putBlob(
      REPOSITORY,
      Buffer.from('{"os":"linux","architecture":"amd64"}'),
    );
    const single = registry.push(JSON.stringify({ config: { digest: config }, layers: [] }));
    expect(await read(single)).toMatchObject({ 'linux/amd64': none });
    registry.lose(single);
    expect(await read(single)).toEqual({});
  });

  test('by the source of a copy say nothing where its publication knows no packages', async () => {
    const digest = registry.push('one');
    const [own, theirs] = [
      { packages: { kind: 'unknown', reason: 'no boot' }, provenance: PROVENANCE },
      { packages: list('1'), provenance: PROVENANCE },
    ] as const;
    const descriptors = [];
    for (const attested of [own, theirs]) {
      const member = memberOf('linux/amd64', digest);
      const { artifact, manifest } = attestationManifest('r', member, attested);
      await pushArtifact(client, REPOSITORY, artifact, manifest);
      descriptors.push({ image: member, descriptor: { ...manifest, size: 1 } });
    }
    const index = composeIndex([memberOf('linux/amd64', digest)], {}, descriptors);
    registry.manifests.set(index.digest, index);
    expect(await read(index.digest)).toEqual({ 'linux/amd64': own });
  });

  test('about another image do not count, whatever names them', async () => {
    const attested = { packages: list('1'), provenance: PROVENANCE };
    const [digest, of] = [registry.push('one'), registry.push('other')];
    const index = await publish({ platform: 'linux/amd64', digest, attested, of });
    const found = (await read(index))['linux/amd64'];
    expect(found?.provenance).toBeUndefined();
    expect(found?.packages).toMatchObject({ kind: 'unknown' });
  });

  test('are read as far as one image has some, and no index keeps a reader busy', async () => {
    const digest = registry.push('one');
    const attested = { packages: list('1'), provenance: PROVENANCE };
    const { manifest } = attestationManifest('r', memberOf('linux/amd64', digest), attested);
    const image = memberOf('linux/amd64', digest);
    const descriptor = { ...manifest, size: 1 };
    const attestations = Array.from({ length: 1000 }, () => ({ image, descriptor }));
    const index = composeIndex([image], {}, attestations);
    registry.manifests.set(index.digest, index);
    registry.reads.length = 0;
    expect((await read(index.digest))['linux/amd64']?.packages).toMatchObject({ kind: 'unknown' });
    expect(registry.reads.length).toBeLessThan(20);
  });

  describe('that say neither which packages there are nor why they are unknown are a problem', () => {
    const attested = { packages: list('1'), provenance: PROVENANCE };

    async function readAfter(harm: (attestation: ReturnType<typeof attestationManifest>) => void) {
      const digest = registry.push('one');
      const index = await publish({ platform: 'linux/amd64', digest, attested });
      harm(attestationManifest('r', memberOf('linux/amd64', digest), attested));
      return (await read(index))['linux/amd64'];
    }

    test('since they are gone', async () => {
      const found = await readAfter(({ manifest }) => {
        registry.lose(manifest.digest);
      });
      const reason = 'its attestation is gone from the registry';
      expect(found?.packages).toEqual({ kind: 'unknown', reason });
      expect(found?.problem).toBe(reason);
    });

    test.each([
      ['list', 0],
      ['provenance', 1],
    ])('since the %s is damaged, which hides nothing else', async (what, at) => {
      const found = await readAfter(({ artifact }) => {
        registry.damage(digestOf(known(artifact.layers[at]).bytes));
      });
      const isList = what === 'list';
      expect(found?.packages.kind).toBe(isList ? 'unknown' : 'known');
      expect(found?.problem).toEqual(isList ? expect.any(String) : undefined);
      expect(found?.provenance).toEqual(isList ? PROVENANCE : undefined);
    });

    test('but not since the registry fails, of which the reader learns', async () => {
      const digest = registry.push('one');
      const index = await publish({ platform: 'linux/amd64', digest, attested });
      const failure = new RegistryFailure('REGISTRY_ANSWER', 'it answered 503', 'try again later');
      const failing = { ...client, getBlob: () => Promise.reject(failure) };
      await expect(readAttestations(failing, REPOSITORY, index)).rejects.toBe(failure);
    });

    test("since the list is another image's, or was taken out", async () => {
      const [digest, of] = [registry.push('one'), registry.push('other')];
      const member = memberOf('linux/amd64', digest);
      const [own, other] = [digest, of].map((each) =>
        attestationManifest('r', memberOf('linux/amd64', each), attested),
      );
      const provenance = known(own?.artifact.layers[1]);
      for (const layers of [[provenance], [known(other?.artifact.layers[0]), provenance]]) {
        const artifact = { ...known(own).artifact, layers };
        const manifest = artifactManifest(artifact, member.descriptor);
        await pushArtifact(client, REPOSITORY, artifact, manifest);
        const descriptor = { ...manifest, size: manifest.bytes.byteLength };
        const index = composeIndex([member], {}, [{ image: member, descriptor }]);
        registry.manifests.set(index.digest, index);
        const found = (await read(index.digest))['linux/amd64'];
        expect(found).toMatchObject({ packages: { kind: 'unknown' }, provenance: PROVENANCE });
        expect(found?.problem).toEqual(expect.any(String));
      }
    });
  });

  test('are those of the image that engines take, where an index has two for a platform', async () => {
    const attested = (version: string) => ({ packages: list(version), provenance: PROVENANCE });
    const index = await publish(
      { platform: 'linux/amd64', digest: registry.push('one'), attested: attested('1') },
      { platform: 'linux/amd64', digest: registry.push('two'), attested: attested('2') },
    );
    expect(await read(index)).toEqual({ 'linux/amd64': attested('1') });
  });
});
