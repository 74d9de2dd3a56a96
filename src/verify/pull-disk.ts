import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDiskHead, HEAD_BYTES } from '../disk/check-disk.ts';
import { parseChecksum } from '../catalog/image.ts';
import { download } from '../disk/download.ts';
import { realWorld } from '../disk/world.ts';
import { type Digest, type Repository, parseDigest } from '../image-reference.ts';
import { locateBlob, registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import type { SessionOptions } from '../registry/registry-session.ts';
import { checkDiskFiles, type LayerFile, diskFiles, extractDisk } from './disk-in-layer.ts';
import { parseJson } from '../json.ts';
import { z } from 'zod';

interface PulledImage {
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

const DigestText = z.string().transform((text, context) => {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  context.addIssue('no digest');
  return z.NEVER;
});

const Manifest = z.object({
  layers: z.array(z.object({ digest: DigestText })),
  manifests: z.undefined().optional(),
});

const Index = z.object({
  manifests: z.array(
    z.object({
      digest: DigestText,
      platform: z.object({ os: z.string(), architecture: z.string() }).nullish(),
    }),
  ),
  layers: z.undefined().optional(),
});

/** What a manifest leads to: an image's layers, lowest first, or that image for the platform. */
type ManifestContent =
  { readonly layers: readonly Digest[] } | { readonly image: Digest } | undefined;

/**
 * Reads a manifest, or an index (OCI image spec) for its image of a platform `os/architecture`.
 * `undefined` for anything else.
 */
export function readManifest(bytes: Uint8Array, platform: string): ManifestContent {
  const content = parseJson(bytes);
  const manifest = Manifest.safeParse(content);
  if (manifest.success) return { layers: manifest.data.layers.map(({ digest }) => digest) };
  const index = Index.safeParse(content);
  const image = index.data?.manifests.find(
    ({ platform: found }) => found && `${found.os}/${found.architecture}` === platform,
  );
  return image && { image: image.digest };
}
