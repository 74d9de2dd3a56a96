import { z } from 'zod';
import { parseTag, type Repository } from '../../src/image-reference.ts';
import { composeIndex, membersOf } from '../../src/registry/image-index.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { known } from './fixtures.ts';
import { IMAGE } from './pushed-images.ts';

/** Of a manifest, its configuration and its layers: Docker's, and OCI's from engines with the containerd image store. */
const MEDIA_TYPES = {
  docker: [
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.container.image.v1+json',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ],
  oci: [
    IMAGE,
    'application/vnd.oci.image.config.v1+json',
    'application/vnd.oci.image.layer.v1.tar+gzip',
  ],
} as const;

type Kind = keyof typeof MEDIA_TYPES;

/** The kinds of manifest that engines push. */
export const KINDS = Object.keys(MEDIA_TYPES) as readonly Kind[];

const Blob = z.object({ mediaType: z.string(), size: z.int(), digest: z.string() });
export const ImageManifest = z.object({ config: Blob, layers: z.array(Blob) });

/**
 * Publishes the index that `latest` names as if engines of a kind had pushed its members, whatever the engine of this
 * machine is: under the name of the kind.
 */
export async function republish(
  client: RegistryClient,
  repository: Repository,
  kind: Kind,
): Promise<void> {
  const index = known(await client.getManifest(repository, known(parseTag('latest'))));
  const [mediaType, config, layer] = MEDIA_TYPES[kind];
  const members = Object.entries(known(membersOf(index.bytes))).map(async ([platform, member]) => {
    const { bytes: original } = known(await client.getManifest(repository, member));
    const read = ImageManifest.parse(JSON.parse(Buffer.from(original).toString()));
    const manifest = {
      ...{ schemaVersion: 2, mediaType, config: { ...read.config, mediaType: config } },
      layers: read.layers.map((each) => ({ ...each, mediaType: layer })),
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(bytes);
    await client.putManifest(repository, digest, { mediaType, bytes });
    return { platform, descriptor: { mediaType, digest, size: bytes.byteLength } };
  });
  const composed = composeIndex(await Promise.all(members), {});
  await client.putManifest(repository, known(parseTag(kind)), composed);
}
