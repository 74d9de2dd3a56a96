import type pLimit from 'p-limit';
import { z } from 'zod';
import type { Digest, Registry, Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { addReferrer, findReferrers } from './artifacts.ts';
import type { BlobDescriptor } from './blob-streams.ts';
import { annotationsOf, blobsOf, isIndex, type Manifest } from './manifest.ts';
import { readMembers } from './read-owners.ts';
import { findManifest, type RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** A repository, with a client of its registry. */
export interface RepositoryPlace {
  readonly client: RegistryClient;
  readonly registry: Registry;
  readonly repository: Repository;
}

type Limit = ReturnType<typeof pLimit>;

/**
 * Copies a manifest by its digest, with everything that it leads to: members before their index, blobs before their
 * manifest. What is there is neither read nor written. `limit` is for blobs. Throws a RegistryError.
 */
export async function copyImage(
  from: RepositoryPlace,
  to: RepositoryPlace,
  digest: Digest,
  limit: Limit,
): Promise<void> {
  const there = await findManifest(to.client, to.repository, digest);
  // A registry takes no manifest before its blobs. An index may have lost members.
  if (there !== undefined && !isIndex(there)) return;
  const kept = there && (await to.client.getManifest(to.repository, digest));
  const manifest = kept ?? (await readManifest(from, digest));
  if (isIndex(manifest)) {
    await copyMembers(kept === undefined ? from : to, from, to, digest, limit);
  } else {
    await copyBlobs(from, to, manifest, limit);
  }
  if (kept === undefined) await to.client.putManifest(to.repository, digest, manifest);
}

/** Copies what an index in `place` names. */
async function copyMembers(
  place: RepositoryPlace,
  from: RepositoryPlace,
  to: RepositoryPlace,
  index: Digest,
  limit: Limit,
): Promise<void> {
  for (const member of await readMembers(place.repository, index, place.client)) {
    await copyImage(from, to, member.digest, limit);
  }
}

async function readManifest(
  { client, registry, repository }: RepositoryPlace,
  digest: Digest,
): Promise<Manifest> {
  const manifest = await client.getManifest(repository, digest);
  if (manifest !== undefined) return manifest;
  throw new RegistryError(
    'MANIFEST_MISSING',
    `${registry}/${repository}@${digest} is not in the registry, so it can't be copied`,
    'run `pulumi up --refresh`, which builds again what vanished',
  );
}

async function copyBlobs(
  from: RepositoryPlace,
  to: RepositoryPlace,
  { bytes, digest: image }: Manifest,
  limit: Limit,
): Promise<void> {
  const named = blobsOf(bytes);
  if (named === undefined) {
    const problem = `${from.registry}/${from.repository}@${image} is neither an image nor an index`;
    throw new RegistryError('REGISTRY_ANSWER', problem, 'look at what was pushed there');
  }
  const blobs = new Map(named.map((blob) => [blob.digest, blob]));
  const source = {
    mount: from.registry === to.registry ? from.repository : undefined,
    open: (blob: BlobDescriptor) => from.client.openBlob(from.repository, blob),
  };
  const copied = [...blobs.values()].map((blob) =>
    limit(() =>
      to.client.copyBlob(to.repository, blob, { ...source, open: () => source.open(blob) }),
    ),
  );
  // All have ended before a failure is thrown.
  const failed = (await Promise.allSettled(copied)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

const Referring = z.object({
  subject: z.object({ digest: z.string() }),
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string() }).optional(),
});

/** Copies what refers to a manifest, such as its signature, so that whoever asks the registry of the copy finds it. */
export async function copyReferrers(
  from: RepositoryPlace,
  to: RepositoryPlace,
  subject: Digest,
  limit: Limit,
): Promise<void> {
  const found = await findReferrers(from.client, from.repository, subject);
  if (found.length === 0) return;
  const listed = await findReferrers(to.client, to.repository, subject);
  const known = new Set(listed.map(({ digest }) => digest));
  for (const { digest } of found) {
    if (known.has(digest) && (await findManifest(to.client, to.repository, digest))) continue;
    const manifest = await from.client.getManifest(from.repository, digest);
    // A list may name what somebody has deleted, or what is about another manifest.
    if (manifest === undefined) continue;
    const content = Referring.safeParse(parseJson(manifest.bytes)).data;
    if (content?.subject.digest !== subject) continue;
    if (isIndex(manifest)) await copyMembers(from, from, to, digest, limit);
    else await copyBlobs(from, to, manifest, limit);
    if (await to.client.putReferrer(to.repository, manifest)) continue;
    const { mediaType, bytes } = manifest;
    const { artifactType, config } = content;
    await addReferrer(to.client, to.repository, subject, {
      mediaType,
      digest,
      size: bytes.byteLength,
      artifactType: artifactType ?? config?.mediaType ?? '',
      annotations: annotationsOf(bytes),
    });
  }
}

/** Whether a manifest is there with all that it leads to, as far as the registry does not vouch for that by itself. */
export async function isCopied(
  { client, repository }: Pick<RepositoryPlace, 'client' | 'repository'>,
  digest: Digest,
): Promise<boolean> {
  const found = await findManifest(client, repository, digest);
  if (found === undefined) return false;
  if (!isIndex(found)) return true;
  for (const member of await readMembers(repository, digest, client)) {
    if (!(await isCopied({ client, repository }, member.digest))) return false;
  }
  return true;
}
