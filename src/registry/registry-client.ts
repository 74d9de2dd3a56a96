import type { Digest, Registry, Repository, Tag } from '../image-reference.ts';
import { listingRequests } from './listing-requests.ts';
import {
  digestOf,
  type ListedManifest,
  type Manifest,
  type ManifestDescriptor,
} from './manifest.ts';
import { manifestRequests, type Removal } from './manifest-requests.ts';
import { RegistryError } from './registry-error.ts';
import {
  registrySession,
  type SessionOptions,
  type AuthorizationCache,
} from './registry-session.ts';

/** In bytes; image configurations, the only blobs that are read, have a few thousand. */
const LARGEST_BLOB = 5_000_000;

/**
 * The requests to one registry. `undefined` means that the registry responded with a 404. Every other
 * failure is thrown as a RegistryError.
 */
export interface RegistryClient {
  headManifest(repository: Repository, tag: Tag | Digest): Promise<ManifestDescriptor | undefined>;
  /** The bytes are checked against every digest that is known for them. */
  getManifest(repository: Repository, tag: Tag | Digest): Promise<Manifest | undefined>;
  /** Makes the tag name these bytes, also where it named others before. Returns their digest. */
  putManifest(
    repository: Repository,
    tag: Tag | Digest,
    manifest: Pick<Manifest, 'mediaType' | 'bytes'>,
  ): Promise<Digest>;
  /** Removes a tag and leaves the manifest. Not every registry can. */
  deleteTag(repository: Repository, tag: Tag): Promise<Removal>;
  /** Removes a manifest with all its tags. */
  deleteManifest(repository: Repository, digest: Digest): Promise<Removal>;
  listTags(repository: Repository): Promise<Tag[] | undefined>;
  /** All manifests, also those without tags; `undefined` where the registry has no such list. */
  listManifests(repository: Repository): Promise<readonly ListedManifest[] | undefined>;
  listRepositories(): Promise<Repository[]>;
  /** The repositories one level below a path, by their names there; `undefined` where the registry lists none. */
  listBelow(path: Repository): Promise<string[] | undefined>;
  /** A small blob, such as an image configuration, checked against its digest. */
  getBlob(repository: Repository, digest: Digest): Promise<Uint8Array | undefined>;
}

/**
 * A client of one registry (OCI distribution spec 1.1), over http on loopback and https elsewhere, with
 * retries.
 */
export function registryClient(options: SessionOptions): RegistryClient {
  const { registry } = options;
  const session = registrySession(options);
  return {
    ...manifestRequests(session, registry),
    ...listingRequests(session, registry),
    async getBlob(repository, digest) {
      const request = blobRequest('read', registry, repository, digest, session.origin);
      const response = await session.find({ ...request, largestBody: LARGEST_BLOB });
      if (response === undefined) return undefined;
      if (digestOf(response.bytes) === digest) return response.bytes;
      throw new RegistryError(
        'REGISTRY_ANSWER',
        `could not ${request.purpose}: the registry sent bytes of another digest`,
        'its storage or something between is damaged: delete the image, so that it is built again',
      );
    },
  };
}

function blobRequest(
  verb: string,
  registry: Registry,
  repository: Repository,
  digest: Digest,
  origin: URL,
) {
  return {
    url: new URL(`/v2/${repository}/blobs/${digest}`, origin),
    scope: `repository:${repository}:pull`,
    purpose: `${verb} the blob ${registry}/${repository}@${digest}`,
  };
}

/**
 * The URL of a blob that is too large for memory, and the Authorization header for it, absent where the
 * registry wants none. `undefined` when the registry has no such blob. Throws a RegistryError.
 */
export async function locateBlob(
  options: Omit<SessionOptions, 'authorizations'>,
  repository: Repository,
  digest: Digest,
): Promise<{ readonly url: string; readonly authorization?: string } | undefined> {
  const authorizations: AuthorizationCache = new Map();
  const session = registrySession({ ...options, authorizations });
  const request = blobRequest('look up', options.registry, repository, digest, session.origin);
  const response = await session.find({ ...request, method: 'HEAD', largestBody: 0 });
  if (response === undefined) return undefined;
  return { url: request.url.href, authorization: await authorizations.get(request.scope) };
}

/**
 * Removes a tag and leaves the manifest. Where the registry can't (distribution deletes by digest
 * only, with all tags of the digest), moves the tag to a copy of the manifest that differs in white
 * space, and deletes the copy. `unsupported` where nothing can be deleted: the tag is as it was.
 * `restored` where the registry deleted the manifest with the tag: both are there again, and all other
 * tags of the manifest. Throws `REGISTRY_ANSWER`, with nothing removed, for a list of tags that lacks the tag:
 * what is not listed could not be put back.
 */
export async function untag(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
): Promise<Removal | 'restored'> {
  const manifest = await client.getManifest(repository, tag);
  if (manifest === undefined) return 'gone';
  const before = (await client.listTags(repository)) ?? [];
  if (!before.includes(tag)) {
    throw new RegistryError(
      'REGISTRY_ANSWER',
      `the list of the tags of ${repository} lacks ${tag}, which is there: it was cut`,
      'run again; no tag is removed until then',
    );
  }
  const removal = await client.deleteTag(repository, tag);
  if (removal !== 'unsupported') {
    if ((await client.headManifest(repository, manifest.digest)) !== undefined) return removal;
    const after = new Set(await client.listTags(repository));
    for (const lost of new Set([tag, ...before.filter((each) => !after.has(each))])) {
      // A list that was cut must move no tag.
      const found = await client.headManifest(repository, lost);
      if (found === undefined) await client.putManifest(repository, lost, manifest);
    }
    return 'restored';
  }
  const bytes = Buffer.concat([manifest.bytes, Buffer.from('\n')]);
  const copy = await client.putManifest(repository, tag, { ...manifest, bytes });
  if ((await client.deleteManifest(repository, copy)) !== 'unsupported') return 'removed';
  await client.putManifest(repository, tag, manifest);
  return 'unsupported';
}
