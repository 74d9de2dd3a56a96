import { createHash } from 'node:crypto';
import type { Digest } from '../image-reference.ts';

/**
 * What a client must say it accepts, so that a registry answers with the manifest as it was pushed
 * and not with one it converted, whose digest is another one.
 */
export const MANIFEST_MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

/** In bytes. Registries refuse larger ones than 4 MiB (OCI distribution spec, "Pushing manifests"). */
export const LARGEST_MANIFEST = 5_000_000;

/** A manifest's name, kind and size in bytes, without its content. */
export interface ManifestDescriptor {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

/** A manifest as it was pushed, byte for byte; `digest` is that of `bytes`. */
export interface Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The digest that names `bytes`. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
