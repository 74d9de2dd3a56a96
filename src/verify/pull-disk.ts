import { join } from 'node:path';
import { parseChecksum } from '../catalog/image.ts';
import { checkDiskFile } from '../disk/check-disk.ts';
import { download } from '../disk/download.ts';
import { realWorld } from '../disk/world.ts';
import type { Digest, Repository } from '../image-reference.ts';
import { parseManifest } from '../registry/manifest.ts';
import { locateBlob } from '../registry/blob-requests.ts';
import { registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import type { SessionOptions } from '../registry/registry-session.ts';
import { checkDiskFiles, type LayerFile, diskFiles, extractDisk } from './disk-in-layer.ts';

interface PulledImage {
  readonly repository: Repository;
  readonly digest: Digest;
  /** `os/architecture`. */
  readonly platform: string;
}

/** The registry, and the account. */
export type PullSession = Pick<SessionOptions, 'registry' | 'credentials' | 'signal'>;

/**
 * Pulls a containerDisk's qcow2 disk out of a registry into a folder, checked against the digests
 * that lead to it, and returns its path there. Throws a RegistryError, a DiskError or a VerifyError.
 */
export async function pullDisk(
  image: PulledImage,
  session: PullSession,
  folder: string,
  note: (line: string) => void = () => undefined,
): Promise<string> {
  const { repository } = image;
  const world = realWorld({ note, signal: session.signal });
  const found: (LayerFile & { readonly layer: string })[] = [];
  for (const digest of await layersOf(image, session)) {
    const place = await locateBlob(session, repository, digest);
    const checksum = parseChecksum(digest);
    if (place === undefined || checksum === undefined) throw missing(image, digest);
    const layer = await download({ ...place, checksum }, join(folder, 'layers'), world);
    for (const file of await diskFiles(layer)) found.push({ ...file, layer });
  }
  const file = checkDiskFiles(found);
  const disk = await extractDisk(file.layer, file, folder);
  await checkDiskFile(disk, 'qcow2');
  return disk;
}

async function layersOf(image: PulledImage, session: PullSession): Promise<readonly Digest[]> {
  const client = registryClient(session);
  let { digest } = image;
  // An index leads to an image, and an image to its layers.
  for (let step = 0; step < 2; step += 1) {
    const manifest = await client.getManifest(image.repository, digest);
    if (manifest === undefined) throw missing(image, digest);
    const content = contentFor(image.platform, manifest.bytes);
    if (content === undefined) break;
    if ('layers' in content) return content.layers;
    digest = content.image;
  }
  const problem = `${image.repository}@${image.digest} is no image for ${image.platform}`;
  throw new RegistryError('REGISTRY_ANSWER', problem, 'look at what was pushed there');
}

function missing({ repository }: PulledImage, digest: Digest): RegistryError {
  const remedy = 'delete the image, so that the next run of the program builds it again';
  return new RegistryError('MANIFEST_MISSING', `${repository}@${digest} is not there`, remedy);
}

/**
 * The layers of an image, lowest first, or, for an index, its image for a platform. `undefined` for
 * anything else.
 */
export function contentFor(
  platform: string,
  bytes: Uint8Array,
): { readonly layers: readonly Digest[] } | { readonly image: Digest } | undefined {
  const content = parseManifest(bytes);
  const layers = content?.layers?.map(({ digest }) => digest);
  if (layers?.every((digest) => digest !== undefined)) return { layers };
  const isWanted = (one: { platform?: string | null }) =>
    `${one.platform ?? ''}/`.startsWith(`${platform}/`);
  const image = content?.manifests?.find(isWanted)?.digest;
  return image && { image };
}
