import type { Digest, Repository, Tag } from '../image-reference.ts';
import { listingRequests } from './listing-requests.ts';
import { digestOf, type Manifest, type ManifestDescriptor } from './manifest.ts';
import { manifestRequests, type Removal } from './manifest-requests.ts';
import { RegistryError } from './registry-error.ts';
import { registrySession, type SessionOptions } from './registry-session.ts';

/** In bytes; image configurations, the only blobs that are read, have a few thousand. */
const LARGEST_BLOB = 5_000_000;

/**
 * The requests to one registry. `undefined` means that the registry said, by a 404, that there is no
 * such thing; whatever else keeps a question from its response is thrown as a `RegistryError`.
 */
export interface RegistryClient {
  headManifest(
    repository: Repository,
    reference: Tag | Digest,
  ): Promise<ManifestDescriptor | undefined>;
  /** The bytes are checked against every digest that is known for them. */
  getManifest(repository: Repository, reference: Tag | Digest): Promise<Manifest | undefined>;
  /** Makes `reference` name these bytes, also where it named others before. Returns their digest. */
  putManifest(
    repository: Repository,
    reference: Tag | Digest,
    manifest: Pick<Manifest, 'mediaType' | 'bytes'>,
  ): Promise<Digest>;
  /** Removes a tag and leaves the manifest. Not every registry can. */
  deleteTag(repository: Repository, tag: Tag): Promise<Removal>;
  /** Removes a manifest with all its tags. */
  deleteManifest(repository: Repository, digest: Digest): Promise<Removal>;
  listTags(repository: Repository): Promise<Tag[] | undefined>;
  listRepositories(): Promise<Repository[]>;
  /** A small blob, such as an image configuration, checked against its digest. */
  getBlob(repository: Repository, digest: Digest): Promise<Uint8Array | undefined>;
}

/**
 * A client of one registry (OCI distribution spec 1.1), over http on loopback and https elsewhere.
 * Tries again what is worth it, up to five times.
 */
export function registryClient(options: SessionOptions): RegistryClient {
  const { registry } = options;
  const session = registrySession(options);
  return {
    ...manifestRequests(session, registry),
    ...listingRequests(session, registry),
    async getBlob(repository, digest) {
      const purpose = `read the blob ${registry}/${repository}@${digest}`;
      const response = await session.send({
        method: 'GET',
        url: new URL(`/v2/${repository}/blobs/${digest}`, session.origin),
        scope: `repository:${repository}:pull`,
        purpose,
        largestBody: LARGEST_BLOB,
      });
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw session.errorOf({ purpose }, response);
      if (digestOf(response.bytes) === digest) return response.bytes;
      throw new RegistryError(
        'REGISTRY_ANSWER',
        `asked to ${purpose}, the registry sent something else`,
        'its storage or something between is damaged: delete the image, so that it is built again',
      );
    },
  };
}
