import type { Digest, Tag, Repository } from '../../src/image-reference.ts';
import type {
  Memory,
  RememberedVersion,
  UnreferencedVersion,
  Change,
} from '../../src/branches/memory.ts';
import { keyOf } from '../../src/branches/needs.ts';
import { type RegistryClient, untag } from '../../src/registry/registry-client.ts';
import { inTurns } from './in-turns.ts';
import { markedAt, graceMarker } from '../../src/branches/branch-alias.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import type { Log } from './protocol/resource-type.ts';
import { pointTag } from './tagged-place.ts';

const LATEST = 'latest' as Tag;

type PathOf = (image: string) => Repository;

/**
 * Asks the registry for the versions that are not known yet: `keyOf` → digest, of those that it has. A
 * branch that names the image alone is pinned to what its alias names, or what `latest` does now.
 */
export async function lookForVersions(
  { versions }: Memory,
  client: RegistryClient,
  pathOf: PathOf,
): Promise<ReadonlyMap<string, Digest>> {
  const unknown = versions.filter(({ digest }) => digest === undefined);
  const answers = await inTurns(unknown, async (need) => {
    for (const reference of need.tag === undefined ? [need.alias, LATEST] : [need.tag]) {
      const found = await client.headManifest(pathOf(need.image), reference);
      if (found !== undefined) return [[keyOf(need), found.digest] as const];
    }
    return [];
  });
  return new Map(answers.flat());
}

/**
 * The versions (`keyOf`) that are remembered and not there any more: a tag that names another digest
 * (built again after it had vanished, or moved by hand), or a pin that can't be pulled.
 */
export async function staleVersions(
  { versions }: Memory,
  client: RegistryClient,
  pathOf: PathOf,
): Promise<ReadonlySet<string>> {
  const known = versions.filter(
    (version): version is RememberedVersion & { digest: Digest } => version.digest !== undefined,
  );
  const stale = await inTurns(known, async (version) => {
    const { image, tag, digest } = version;
    const found = await client.headManifest(pathOf(image), tag ?? digest);
    return found?.digest === digest ? [] : [keyOf(version)];
  });
  return new Set(stale.flat());
}

/**
 * What the marker tags in the registry remember, for a state that doesn't: one request an image, and one
 * more a marker. Of several markers at a version the newest counts.
 */
export async function restoreUnreferenced(
  client: RegistryClient,
  images: readonly { readonly image: string; readonly path: Repository }[],
): Promise<UnreferencedVersion[]> {
  const found = await inTurns(images, async ({ image, path }) => {
    const tags = (await client.listTags(path)) ?? [];
    const marked = tags
      .flatMap((tag) => ({ tag, since: markedAt(tag)?.toISOString() }))
      .sort((a, b) => ((a.since ?? '') < (b.since ?? '') ? -1 : 1));
    const versions = new Map<string, UnreferencedVersion>();
    for (const { tag, since } of marked) {
      if (since === undefined) continue;
      const digest = (await client.headManifest(path, tag))?.digest;
      if (digest !== undefined) versions.set(digest, { image, digest, since });
    }
    return [...versions.values()];
  });
  return found.flat();
}

/**
 * Writes a marker at each version that lost its last reference, and then removes the aliases of branches
 * that need an image no longer. An alias that somebody has moved since is not ours, and stays.
 */
export async function retireVersions(
  { orphans, dropped }: Pick<Change, 'orphans' | 'dropped'>,
  client: RegistryClient,
  pathOf: (image: string) => Repository,
  { now, log }: { readonly now: Date; readonly log: Log },
): Promise<void> {
  await inTurns(orphans, async ({ image, digest }) => {
    await mark(client, pathOf(image), digest, now);
    log('info', `${image}@${digest} is needed no longer: it stays for the grace period`);
  });
  await inTurns(dropped, async ({ image, alias, digest }) => {
    const path = pathOf(image);
    const named = await client.headManifest(path, alias);
    if (named === undefined || named.digest !== digest) return;
    if ((await untag(client, path, alias)) !== 'unsupported') return;
    log('info', `${path}:${alias} stays: this registry cannot remove a tag without its image`);
  });
}

/** A version that is gone needs no marker. */
async function mark(client: RegistryClient, path: Repository, digest: Digest, now: Date) {
  try {
    await pointTag(client, path, graceMarker(now), digest);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_MISSING') throw error;
  }
}
