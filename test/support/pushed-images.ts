import type { Digest, Repository, Tag } from '../../src/image-reference.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A repository of a registry that lets anybody, or whoever `authorization` says, push. */
export interface PushTarget {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly repository: Repository;
  readonly client: RegistryClient;
  readonly authorization?: string;
}

/**
 * Pushes an image without layers for a platform such as `linux/amd64`, by its digest and under `tag`
 * where there is one; another `content` gives another digest.
 */
export async function pushPlatformImage(
  target: PushTarget,
  platform: string,
  content: string,
  tag?: string,
): Promise<Digest> {
  const [os, architecture] = platform.split('/');
  const config = encode({
    os,
    architecture,
    config: { Labels: { content } },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const mediaType = 'application/vnd.oci.image.config.v1+json';
  const digest = await pushBlob(target, config);
  const size = config.byteLength;
  return pushManifest(target, IMAGE, { config: { mediaType, digest, size }, layers: [] }, tag);
}

/** Pushes an index of such images, one for each platform, under `tag`. */
export async function pushPlatformIndex(
  target: PushTarget,
  platforms: readonly string[],
  content: string,
  tag: string,
): Promise<Digest> {
  const manifests = [];
  for (const platform of platforms) {
    const digest = await pushPlatformImage(target, platform, content);
    const found = await target.client.headManifest(target.repository, digest);
    const [os, architecture] = platform.split('/');
    manifests.push({ mediaType: IMAGE, digest, size: found?.size, platform: { os, architecture } });
  }
  return pushManifest(target, INDEX, { manifests }, tag);
}

/** Puts a manifest or an index by its digest, and under `tag` where there is one. */
export function pushManifest(
  { client, repository }: Pick<PushTarget, 'client' | 'repository'>,
  mediaType: string,
  content: object,
  tag?: string,
): Promise<Digest> {
  const bytes = encode({ schemaVersion: 2, mediaType, ...content });
  const reference = (tag ?? digestOf(bytes)) as Tag | Digest;
  return client.putManifest(repository, reference, { mediaType, bytes });
}

/** Uploads a blob in one go, which the client itself never has to do. */
async function pushBlob(
  { address, repository, authorization }: PushTarget,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Digest> {
  const headers = authorization === undefined ? undefined : { authorization };
  const uploads = `http://${address}/v2/${repository}/blobs/uploads/`;
  const begun = await fetch(uploads, { method: 'POST', ...(headers && { headers }) });
  const upload = new URL(begun.headers.get('location') ?? '', begun.url);
  const digest = digestOf(bytes);
  upload.searchParams.set('digest', digest);
  const ended = await fetch(upload, { method: 'PUT', body: bytes, ...(headers && { headers }) });
  if (ended.status === 201) return digest;
  throw new Error(`the registry took no blob: ${ended.status} ${await ended.text()}`);
}

function encode(content: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(content));
}
