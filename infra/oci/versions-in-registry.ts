import pLimit from 'p-limit';
import { graceMarker, markedAt } from '../../src/branches/branch-alias.ts';
import {
  keyOf,
  markerPlace,
  startAt,
  type FormerAlias,
  type NeededVersion,
  type TrackedVersions,
  type UnreferencedVersion,
} from '../../src/branches/grace-period.ts';
import { candidateTags, isAliasOf } from '../../src/branches/needs.ts';
import { compareTexts } from '../../src/compare-texts.ts';
import {
  isImmutable,
  isPlatformTag,
  LATEST,
  type Digest,
  type Repository,
  type Tag,
} from '../../src/image-reference.ts';
import type { Manifest } from '../../src/registry/manifest.ts';
import { findWhole } from '../../src/registry/image-index.ts';
import { copyOf, type RegistryClient, untag } from '../../src/registry/registry-client.ts';
import { isRefusal, RegistryError } from '../../src/registry/registry-error.ts';
import { REQUESTS_AT_ONCE } from './connect.ts';
import type { Log } from './protocol/resource-type.ts';
import { findDigest, isBuiltInstead, pointTag } from './tagged-place.ts';

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
      const digest = await findDigest(client, pathOf(need.image), reference);
      if (digest !== undefined) return [[keyOf(need), digest] as const];
    }
    return [];
  });
  return new Map(found.flat());
}

/**
 * Compares the known versions with the registry. `stale` (by `keyOf`) are those whose tag names another
 * version by now, and pins that can't be pulled, neither by digest nor by alias. `overwritten` are those whose
 * immutable tag does not name them any more, and which can be pulled: their tags are to be put back. But a version
 * that was not built for its tag, by its label, is stale when the tag names one that was: to put it back would take the
 * tag from what a run has built instead. That a tag is not found never makes a version stale: one such response may
 * be false.
 */
export async function compareVersions(
  { versions }: TrackedVersions,
  { client, pathOf }: ImageRepositories,
) {
  const compared = await pLimit(REQUESTS_AT_ONCE).map(versions, async (version) => {
    const { image, alias, tag, digest } = version;
    if (digest === undefined) return undefined;
    const digestAt = (reference: Tag | Digest) => findDigest(client, pathOf(image), reference);
    const isThere = async () => (await digestAt(digest)) !== undefined;
    if (tag === undefined) {
      return (await isThere()) || (await digestAt(alias)) === digest ? undefined : 'stale';
    }
    const found = await digestAt(tag);
    if (found === digest) return undefined;
    if (isImmutable(tag) && (await findWhole(client, pathOf(image), digest)) !== undefined) {
      const digests = { known: digest, found };
      if (!(await isBuiltInstead(client, pathOf(image), tag, digests))) return 'overwritten';
    }
    return found === undefined ? undefined : 'stale';
  });
  const outcomes = Map.groupBy(versions, (_, position) => compared[position]);
  return {
    stale: new Set(outcomes.get('stale')?.map(keyOf)),
    overwritten: outcomes.get('overwritten') ?? [],
  };
}

/**
 * The versions of these images that are in their grace period and that a state does not know to be, since it was lost or
 * is of an earlier day: those with marker tags, of which the newest counts, and from `start` on those without a
 * marker that an alias of `branches` names. While both `latest` and the alias of a need have not left a version, since
 * the build of the next one fails, its grace period begins anew each day. One request for each image, each alias, and
 * each marker that is not tracked.
 */
export async function readUnreferenced(
  images: Iterable<string>,
  { versions, unreferenced }: TrackedVersions,
  { branches, start }: { readonly branches: readonly Tag[]; readonly start: Date },
  { client, pathOf }: ImageRepositories,
): Promise<readonly UnreferencedVersion[]> {
  const known = new Set(unreferenced.map(markerPlace));
  const needed = new Set(versions.map(({ image, digest = '' }) => `${image}@${digest}`));
  const standing = new Set(versions.map(({ image, alias }) => `${image}:${alias}`));
  const found = await pLimit(REQUESTS_AT_ONCE).map(new Set(images), async (image) => {
    const path = pathOf(image);
    const tags = (await client.listTags(path)) ?? [];
    const marked = tags
      .flatMap((tag) => {
        const since = markedAt(tag)?.toISOString();
        return since === undefined || known.has(`${image}:${tag}`) ? [] : [{ tag, since }];
      })
      .sort((a, b) => compareTexts(a.since, b.since));
    const inGrace = new Map<string, UnreferencedVersion>();
    for (const { tag, since } of marked) {
      const digest = await findDigest(client, path, tag);
      if (digest !== undefined) inGrace.set(digest, { image, digest, since });
    }
    const tracked = unreferenced.filter((version) => version.image === image);
    const sinceOf = new Map(
      [...inGrace.values(), ...tracked].map(({ digest, since }) => [digest, since]),
    );
    const taken = new Set([...known, ...tags.map((tag) => `${image}:${tag}`)]);
    for (const alias of tags.filter((tag) => branches.some((branch) => isAliasOf(branch, tag)))) {
      const digest = await findDigest(client, path, alias);
      if (digest === undefined || needed.has(`${image}@${digest}`)) continue;
      const since = sinceOf.get(digest);
      if (since !== undefined) {
        const isOld = Date.parse(since) + DAY_MS <= start.getTime();
        if (!isOld || !standing.has(`${image}:${alias}`)) continue;
        if ((await findDigest(client, path, LATEST)) !== digest) continue;
      }
      const started = startAt({ image, digest }, start, taken);
      inGrace.set(digest, started);
      sinceOf.set(digest, started.since);
    }
    return [...inGrace.values()];
  });
  return found.flat();
}

const DAY_MS = 86_400_000;

/**
 * The versions that aliases name, as in their grace period from `start` on: any tag may be the alias of a branch
 * that has just left or moved on, and only a memory that is lost knew so. Not those of `keep` (aliases and
 * `image:tag`), which policies keep by prefix, or the tags of sources, unless a branch moves them. No two have the same second.
 */
export async function readNamedVersions(
  images: Iterable<string>,
  { keep, sourceTags, needs, start }: NamedBeside,
  { client, pathOf }: ImageRepositories,
): Promise<readonly UnreferencedVersion[]> {
  const found = await pLimit(REQUESTS_AT_ONCE).map(new Set(images), async (image) => {
    const moving = new Set(needs.flatMap((need) => (need.image === image ? need.alias : [])));
    const isKept = (tag: Tag) =>
      keep.some((prefix) => tag.startsWith(prefix) || `${image}:${tag}`.startsWith(prefix));
    const isOfSource = (tag: Tag) => sourceTags.includes(`${image}:${tag}`);
    const isNoAlias = (tag: Tag) =>
      tag === LATEST ||
      isImmutable(tag) ||
      isPlatformTag(tag) ||
      COSIGN.test(tag) ||
      markedAt(tag) !== undefined;
    const tags = (await client.listTags(pathOf(image))) ?? [];
    const aliases = tags.filter(
      (tag) => moving.has(tag) || !(isNoAlias(tag) || isKept(tag) || isOfSource(tag)),
    );
    const digests = new Set<Digest>();
    for (const alias of aliases) {
      const digest = await findDigest(client, pathOf(image), alias);
      if (digest !== undefined) digests.add(digest);
    }
    const taken = new Set(tags.map((tag) => `${image}:${tag}`));
    return [...digests].map((digest) => startAt({ image, digest }, start, taken));
  });
  return found.flat();
}

interface NamedBeside {
  readonly keep: readonly string[];
  /** `image:tag` of copies. */
  readonly sourceTags: readonly string[];
  readonly needs: readonly NeededVersion[];
  readonly start: Date;
}

/** The tags of signatures and attestations. */
const COSIGN = /^sha256-[0-9a-f]{64}/;

/** The aliases in `needs` that the registry has at a marked version of an image that their branches do not need. */
export async function readFormerAliases(
  marked: readonly UnreferencedVersion[],
  needs: readonly NeededVersion[],
  { client, pathOf }: ImageRepositories,
): Promise<readonly FormerAlias[]> {
  const places = new Set(needs.map(({ image, alias }) => `${image} ${alias}`));
  const aliases = [...new Set(needs.map(({ alias }) => alias))];
  const images = [...Map.groupBy(marked, ({ image }) => image)];
  const unneeded = images.flatMap(([image, versions]) =>
    aliases.flatMap((alias) =>
      places.has(`${image} ${alias}`) ? [] : [{ image, versions, alias }],
    ),
  );
  const found = await pLimit(REQUESTS_AT_ONCE).map(unneeded, async ({ image, versions, alias }) => {
    const digest = await findDigest(client, pathOf(image), alias);
    const version = versions.find((each) => each.digest === digest);
    return version === undefined ? [] : [{ ...version, alias }];
  });
  return found.flat();
}

/** Points the immutable tags of `overwritten` at their versions again. */
export async function restoreTags(
  overwritten: readonly NeededVersion[],
  { client, pathOf }: ImageRepositories,
  log: Log,
): Promise<void> {
  await pLimit(REQUESTS_AT_ONCE).map(overwritten, async ({ image, tag, digest }) => {
    if (digest === undefined || !isImmutable(tag)) return;
    await pointTag(client, pathOf(image), tag, digest);
    log('warning', `${pathOf(image)}:${tag} did not name ${digest} any more, and is put back`);
  });
}

/** Writes the marker of each version in its grace period. Does nothing for a version that is gone. */
export async function writeMarkers(
  unreferenced: readonly UnreferencedVersion[],
  { client, pathOf }: ImageRepositories,
): Promise<void> {
  await pLimit(REQUESTS_AT_ONCE).map(unreferenced, async ({ image, digest, since }) => {
    try {
      await pointTag(client, pathOf(image), graceMarker(new Date(since)), digest);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_MISSING') throw error;
    }
  });
}

/**
 * Removes aliases whose grace period is over, one after the other. An alias that somebody has moved since, or
 * that a branch names as a tag or `keep` as `image:tag`, stays. So does one that the account may not remove, as in a
 * repository of others: an alias too many is no reason to fail each run.
 */
export async function removeAliases(
  ended: readonly FormerAlias[],
  { keep, needs }: Pick<NamedBeside, 'keep' | 'needs'>,
  { client, pathOf }: ImageRepositories,
  log: Log,
): Promise<void> {
  const named = new Set([...keep, ...needs.map(({ image, tag }) => `${image}:${tag ?? ''}`)]);
  for (const { image, alias, digest } of ended) {
    const path = pathOf(image);
    const found = await client.getManifest(path, alias);
    if (found === undefined || named.has(`${image}:${alias}`)) continue;
    const isOurs = found.digest === digest || (await isCopyOf(found, digest, path, client));
    if (!isOurs) continue;
    const removal = await untag(client, path, alias).catch((error: unknown) => {
      if (isRefusal(error)) return 'refused';
      throw error;
    });
    if (removal === 'unsupported')
      log('info', `${path}:${alias} stays: this registry deletes nothing`);
    if (removal === 'refused')
      log(
        'warning',
        `${path}:${alias} stays: this account may not remove tags; have one that may do so`,
      );
  }
}

/** Whether a removal that was interrupted has left this copy of a version. */
async function isCopyOf(
  found: Manifest,
  digest: Digest,
  path: Repository,
  client: RegistryClient,
): Promise<boolean> {
  const version = await client.getManifest(path, digest);
  return version !== undefined && copyOf(version).digest === found.digest;
}
