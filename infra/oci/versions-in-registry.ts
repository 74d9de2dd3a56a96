import pLimit from 'p-limit';
import { graceMarker, markedAt } from '../../src/branches/branch-alias.ts';
import {
  keyOf,
  type Change,
  type TrackedVersions,
  type UnreferencedVersion,
} from '../../src/branches/grace-period.ts';
import { candidateTags } from '../../src/branches/needs.ts';
import type { Digest, Repository } from '../../src/image-reference.ts';
import { type RegistryClient, untag } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { REQUESTS_AT_ONCE } from './connect.ts';
import type { Log } from './protocol/resource-type.ts';
import { pointTag } from './tagged-place.ts';

/** The repositories of images in one registry. */
export interface ImageRepositories {
  readonly client: RegistryClient;
  readonly pathOf: (image: string) => Repository;
}

/**
 * Looks up the versions whose digest is not known yet. Returns `keyOf` → digest of those that the registry
 * has (see `candidateTags`).
 */
export async function lookUpVersions(
  { versions }: TrackedVersions,
  { client, pathOf }: ImageRepositories,
): Promise<ReadonlyMap<string, Digest>> {
  const unknown = versions.filter(({ digest }) => digest === undefined);
  const found = await pLimit(REQUESTS_AT_ONCE).map(unknown, async (need) => {
    for (const reference of candidateTags(need.alias, need.tag)) {
      const manifest = await client.headManifest(pathOf(need.image), reference);
      if (manifest !== undefined) return [[keyOf(need), manifest.digest] as const];
    }
    return [];
  });
  return new Map(found.flat());
}

/**
 * The known versions (`keyOf`) that the registry does not have any more: a tag that names another digest
 * (built again after it had vanished, or moved by hand), or a pin that cannot be pulled.
 */
export async function staleVersions(
  { versions }: TrackedVersions,
  { client, pathOf }: ImageRepositories,
): Promise<ReadonlySet<string>> {
  const stale = await pLimit(REQUESTS_AT_ONCE).map(versions, async (version) => {
    const { image, tag, digest } = version;
    if (digest === undefined) return [];
    const found = await client.headManifest(pathOf(image), tag ?? digest);
    return found?.digest === digest ? [] : [keyOf(version)];
  });
  return new Set(stale.flat());
}

/**
 * Restores the versions in their grace period from the marker tags, for a state that was lost: one request
 * for each image, and one for each marker. Of several markers at a version the newest counts.
 */
export async function restoreUnreferenced(
  images: readonly string[],
  { client, pathOf }: ImageRepositories,
): Promise<UnreferencedVersion[]> {
  const found = await pLimit(REQUESTS_AT_ONCE).map(images, async (image) => {
    const path = pathOf(image);
    const marked = ((await client.listTags(path)) ?? [])
      .flatMap((tag) => {
        const since = markedAt(tag)?.toISOString();
        return since === undefined ? [] : [{ tag, since }];
      })
      .sort((a, b) => (a.since < b.since ? -1 : 1));
    const versions = new Map<string, UnreferencedVersion>();
    for (const { tag, since } of marked) {
      const digest = (await client.headManifest(path, tag))?.digest;
      if (digest !== undefined) versions.set(digest, { image, digest, since });
    }
    return [...versions.values()];
  });
  return found.flat();
}

/**
 * Writes a marker at each version that lost its last reference, and then removes the aliases of branches
 * that no longer need an image. An alias that somebody has moved since belongs to them, and stays.
 */
export async function retireVersions(
  { orphans, dropped }: Pick<Change, 'orphans' | 'dropped'>,
  { client, pathOf }: ImageRepositories,
  { now, log }: { readonly now: Date; readonly log: Log },
): Promise<void> {
  const limit = pLimit(REQUESTS_AT_ONCE);
  await limit.map(orphans, async ({ image, digest }) => {
    await mark(client, pathOf(image), digest, now);
    log('info', `${image}@${digest} is no longer needed: it stays for the grace period`);
  });
  await limit.map(dropped, async ({ image, alias, digest }) => {
    const path = pathOf(image);
    const named = await client.headManifest(path, alias);
    if (named === undefined || named.digest !== digest) return;
    if ((await untag(client, path, alias)) !== 'unsupported') return;
    log('info', `${path}:${alias} stays: this registry cannot remove a tag without its image`);
  });
}

/** Does nothing for a version that is gone. */
async function mark(client: RegistryClient, path: Repository, digest: Digest, now: Date) {
  try {
    await pointTag(client, path, graceMarker(now), digest);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_MISSING') throw error;
  }
}
