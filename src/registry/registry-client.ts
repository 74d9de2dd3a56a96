import type { Readable } from 'node:stream';
import { blobRequests } from './blob-requests.ts';
import { blobStreams, type BlobDescriptor, type BlobSource } from './blob-streams.ts';
import type { Digest, Repository, Tag } from '../image-reference.ts';
import { listingRequests } from './listing-requests.ts';
import {
  digestOf,
  type ListedManifest,
  type Manifest,
  type ManifestDescriptor,
} from './manifest.ts';
import { manifestRequests, type Removal } from './manifest-requests.ts';
import { RegistryError } from './registry-error.ts';
import { readReferrers, type Referrer } from './referrers.ts';
import { registrySession, type SessionOptions } from './registry-session.ts';

/**
 * The requests to one registry. `undefined` means that the registry responded with a 404. Every other
 * failure is thrown as a RegistryError.
 */
export interface RegistryClient {
  /** Sends HEAD, and GET where a registry refuses that with another status than 404: see `findManifest`. */
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
  /** The newest time that the registry has stated in a response; `undefined` before the first one. */
  clock(): Date | undefined;
  /** A small blob, such as an image configuration, checked against its digest. */
  getBlob(repository: Repository, digest: Digest): Promise<Uint8Array | undefined>;
  /** Uploads a small blob that the registry does not have. Returns its digest. */
  putBlob(repository: Repository, bytes: Uint8Array): Promise<Digest>;
  /** Starts to read a blob that is too large for memory. Fails as its bytes stop. */
  openBlob(repository: Repository, blob: BlobDescriptor): Promise<Readable>;
  /** Gives the registry a large blob that it does not have. */
  copyBlob(repository: Repository, blob: BlobDescriptor, from: BlobSource): Promise<void>;
  /** Writes a manifest with a subject. Whether the registry lists it among the referrers of that by itself. */
  putReferrer(repository: Repository, manifest: Manifest): Promise<boolean>;
  /** What refers to a manifest as its subject; `undefined` where the registry has no such list. */
  listReferrers(repository: Repository, subject: Digest): Promise<readonly Referrer[] | undefined>;
}

/**
 * Looks a manifest up. That there is none is believed only when HEAD and GET say so: some registries answer every HEAD
 * with 404, and what is missing is built again under a tag that must not move, or given up.
 */
export async function findManifest(
  client: Pick<RegistryClient, 'headManifest' | 'getManifest'>,
  repository: Repository,
  reference: Tag | Digest,
): Promise<Omit<Manifest, 'bytes'> | undefined> {
  const found = await client.headManifest(repository, reference);
  return found ?? client.getManifest(repository, reference);
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
    ...listingRequests(session, options),
    ...blobRequests(session, registry),
    ...blobStreams(session, registry, options),
    listReferrers: (repository, subject) => readReferrers(session, registry, repository, subject),
    clock: () => session.clock(),
  };
}

/**
 * The same image by another digest: a manifest that differs in white space, and not only in a line break at its end,
 * which an editor may have added to one that somebody has pushed.
 */
export function copyOf({ mediaType, bytes }: Pick<Manifest, 'mediaType' | 'bytes'>): Manifest {
  const copy = Buffer.concat([bytes, Buffer.from('\n\t \t\n')]);
  return { mediaType, bytes: copy, digest: digestOf(copy) };
}

/**
 * Removes a tag and leaves the manifest. Some registries delete a manifest with any of its tags, and distribution
 * deletes by digest only, with all tags of the digest: the tag therefore moves to a copy of the manifest, and goes with
 * the copy. `unsupported` where nothing can be deleted: the tag is as it was.
 */
export async function untag(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
): Promise<Removal> {
  const manifest = await client.getManifest(repository, tag);
  if (manifest === undefined) return 'gone';
  const copy = await client.putManifest(repository, tag, copyOf(manifest));
  let removal: Removal = 'unsupported';
  try {
    // In this order: Artifact Registry deletes no manifest that has a tag.
    removal = await client.deleteTag(repository, tag);
    const ofCopy = await client.deleteManifest(repository, copy);
    if (removal === 'unsupported') removal = ofCopy;
  } catch (error) {
    // The tag is gone. The clean-up policies delete a copy that stays: it must not stop every run.
    if (removal === 'unsupported' || !(error instanceof RegistryError)) throw error;
  } finally {
    if (removal === 'unsupported') await client.putManifest(repository, tag, manifest);
  }
  return removal === 'unsupported' ? 'unsupported' : 'removed';
}
