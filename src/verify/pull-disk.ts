import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDiskHead } from '../disk/check-disk-head.ts';
import { parseChecksum } from '../catalog/image.ts';
import { HEAD_BYTES } from '../disk/signature.ts';
import { download } from '../disk/download.ts';
import { realWorld } from '../disk/world.ts';
import type { Digest, Repository } from '../image-reference.ts';
import { locateBlob } from '../registry/locate-blob.ts';
import { registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import type { SessionOptions } from '../registry/registry-session.ts';
import { checkDiskFiles, type LayerFile } from './check-disk-files.ts';
import { readManifest } from './image-layers.ts';
import { diskFiles, extractDisk } from './disk-in-layer.ts';

export interface PulledImage {
  readonly repository: Repository;
  readonly digest: Digest;
  /** `os/architecture`. */
  readonly platform: string;
}

/** Whom to ask, and as whom. */
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
  const layers = await layersOf(image, session);
  const world = realWorld({ note, ...(session.signal && { signal: session.signal }) });
  const found: (LayerFile & { readonly layer: string })[] = [];
  for (const digest of layers) {
    const place = await locateBlob(session, repository, digest);
    const checksum = parseChecksum(digest);
    if (place === undefined || checksum === undefined) throw missing(image, digest);
    const layer = await download({ ...place, checksum }, join(folder, 'layers'), world);
    for (const file of await diskFiles(layer)) found.push({ ...file, layer });
  }
  const file = checkDiskFiles(found);
  const disk = await extractDisk(file.layer, file, folder);
  checkDiskHead(await readHead(disk), 'qcow2');
  return disk;
}

async function layersOf(image: PulledImage, session: PullSession): Promise<readonly Digest[]> {
  const client = registryClient(session);
  let { digest } = image;
  // An index leads to an image, and an image to its layers.
  for (let step = 0; step < 2; step += 1) {
    const manifest = await client.getManifest(image.repository, digest);
    if (manifest === undefined) throw missing(image, digest);
    const content = readManifest(manifest.bytes, image.platform);
    if (content === undefined) break;
    if ('layers' in content) return content.layers;
    digest = content.image;
  }
  throw new RegistryError(
    'REGISTRY_ANSWER',
    `${image.repository}@${image.digest} is no image for ${image.platform}`,
    'look at what was pushed there',
  );
}

async function readHead(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}

function missing({ repository }: PulledImage, digest: Digest): RegistryError {
  return new RegistryError(
    'MANIFEST_MISSING',
    `${repository}@${digest} is not there`,
    'delete the image, so that the next run of the program builds it again',
  );
}
