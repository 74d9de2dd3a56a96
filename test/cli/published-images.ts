import { project } from './registry-project.ts';
import { attestationManifest } from '../../src/attestations/attestation-manifest.ts';
import {
  parseRegistry,
  type Digest,
  type Repository,
  type Tag,
} from '../../src/image-reference.ts';
import { unknown } from '../../src/packages/package-list.ts';
import { pushArtifact } from '../../src/registry/artifacts.ts';
import { composeIndex } from '../../src/registry/image-index.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { packagesOf } from '../packages/packages-of.ts';
import {
  advance,
  createRepository,
  REPOSITORY,
  startApi,
} from '../sandbox/emulators/google/started-api.ts';
import { known } from '../support/fixtures.ts';
import { IMAGE } from '../support/pushed-images.ts';

/** The image for one platform. */
interface PlatformImage {
  /** Lines such as `openssl 3.0.17-1 amd64`, or why there is no list; absent where nothing is attested. */
  readonly packages?: readonly string[] | string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of its one layer, in bytes. */
  readonly size?: number;
  readonly dependency?: {
    readonly name: string;
    readonly uri: string;
    readonly digest: Record<string, string>;
  };
}

interface Publication {
  readonly image?: string;
  readonly tags: readonly string[];
  readonly created?: string;
  readonly platforms: Readonly<Record<string, PlatformImage>>;
}

/** A checkout whose branches need `image`, and a registry to publish to. */
export async function startPublished(image = 'debian-12') {
  const api = await startApi();
  await createRepository(api);
  const registry = known(parseRegistry(api.registry.address));
  const client = registryClient({ registry, credentials: undefined });

  async function putImage(repository: Repository, platform: string, one: PlatformImage) {
    const [os, architecture] = platform.split('/');
    const { labels: Labels, size = 1000 } = one;
    const config = Buffer.from(JSON.stringify({ os, architecture, config: { Labels } }));
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: IMAGE,
        config: { digest: await client.putBlob(repository, config), size: config.byteLength },
        layers: [{ digest: digestOf(Buffer.from(String(size))), size }],
      }),
    );
    const digest = await client.putManifest(repository, digestOf(bytes), {
      mediaType: IMAGE,
      bytes,
    });
    return { platform, descriptor: { mediaType: IMAGE, digest, size: bytes.byteLength } };
  }

  async function attest(
    repository: Repository,
    member: Awaited<ReturnType<typeof putImage>>,
    { packages = [], dependency }: PlatformImage,
  ) {
    const buildDefinition = {
      buildType: '',
      externalParameters: {},
      resolvedDependencies: dependency === undefined ? [] : [dependency],
    };
    const { artifact, manifest } = attestationManifest(repository, member, {
      packages: typeof packages === 'string' ? unknown(packages) : packagesOf('deb', packages),
      provenance: { buildDefinition, runDetails: { builder: { id: '' } } },
    });
    await pushArtifact(client, repository, artifact, manifest);
    const { mediaType, digest, bytes } = manifest;
    return { image: member, descriptor: { mediaType, digest, size: bytes.byteLength } };
  }

  return {
    api,
    root: project(api, image),
    /** Publishes a version, and lets a day pass. Returns the digest. */
    publish: async ({
      image: name = 'debian-12',
      tags,
      created,
      platforms,
    }: Publication): Promise<Digest> => {
      const repository = `ci-images/images/${name}` as Repository;
      const members = [];
      const attestations = [];
      for (const [platform, one] of Object.entries(platforms)) {
        const member = await putImage(repository, platform, one);
        members.push(member);
        if (one.packages !== undefined) attestations.push(await attest(repository, member, one));
      }
      const annotations: Record<string, string> = {};
      if (created !== undefined) annotations['org.opencontainers.image.created'] = created;
      const index = composeIndex(members, annotations, attestations);
      for (const tag of tags) await client.putManifest(repository, tag as Tag, index);
      await api.call('GET', `v1/${REPOSITORY}/dockerImages`);
      await advance(api, 86_400);
      return index.digest;
    },
  };
}
