import { isPlatformTag, type Digest } from '../../src/image-reference.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { allowedVersions } from './allowed-versions.ts';
import { attachmentTruth } from './attachment-truth.ts';
import { Broken } from './broken.ts';
import { requirePutBack } from './put-back.ts';
import { refusals } from './refusals.ts';
import type { RunOptions, RunResult } from './up.ts';
import { DAY_MS, isImmutable, supported, tagOf, type Use, type World } from './world.ts';

interface Kept {
  readonly image: string;
  readonly digest: Digest;
  /** When a supported branch last needed it, in true time. */
  needed: number;
  why: string;
  readonly since: number;
  /** Whether a run has seen it a day after the first that did: until then its alias alone keeps it. */
  readonly isListed: boolean;
}

interface Pin {
  readonly digest: Digest;
  readonly since: number;
  needed: number;
  /** Whether a run has read it since it was written: no state knows the others. */
  isRead: boolean;
}

/**
 * What the branches have needed, and since when, in true time. It knows nothing of the code: a need by tag
 * is the version that the tag named first, a need by digest that version, and a need of the image alone the
 * version that the branch was pinned to by the first run that saw it.
 */
export function truth(world: World) {
  const { registry } = world;
  /** What each index names. */
  const membersOf = new Map<Digest, readonly Digest[]>();
  /** `image:tag` → what an immutable tag named first. */
  const tags = new Map<string, Digest>();
  /** `image:tag` → what somebody has made a tag name since. */
  const moved = new Map<string, Digest | undefined>();
  /** The immutable tags that a run has read since they were published: no state knows the others. */
  const settled = new Set<string>();
  /** Those that somebody moved before that, or while no branch needed them: nothing is promised. */
  const unknown = new Set<string>();
  /** `image branch` → the pin. */
  const pins = new Map<string, Pin>();
  /** The pins, by the same, that somebody has moved before the truth knew them. */
  const movedPins = new Set<string>();
  /** `image@digest` → what a run has seen to be needed. */
  const kept = new Map<string, Kept>();
  /** The needs that the last run has seen. Nobody knows of one that comes and goes between two runs. */
  let seen: ReadonlySet<string> = new Set();
  /** What lacks something that somebody has deleted. */
  const broken = new Set<Digest>();
  /** The retention file of the last run that set policies. */
  let applied: Retention = world.retention;
  const refusal = refusals(world);
  const attachments = attachmentTruth(world);
  /** Whether no run has ended since the state was lost. */
  let isLost = false;

  const grace = () => Math.min(applied.gracePeriod, world.retention.gracePeriod) * 1000;

  function resolve(branch: string, { image, version }: Use): Digest | undefined {
    if (version.startsWith('@')) return version.slice(1) as Digest;
    if (version !== '') return tags.get(image + version);
    if (branch === 'main') return publishedLatest(image) ?? registry.named(image, 'latest');
    return pins.get(`${image} ${branch}`)?.digest;
  }

  /** What `latest` names after a run, whatever somebody has made it name since. */
  function publishedLatest(image: string): Digest | undefined {
    const inputs = world.branches.get('main')?.catalog[image];
    return inputs === undefined ? undefined : tags.get(`${image}:${tagOf(image, inputs)}`);
  }

  function needs() {
    return [...supported(world)].flatMap(([name, { catalog, uses }]) => {
      const own = Object.entries(catalog).map(([image, inputs]) => {
        return { image, version: `:${tagOf(image, inputs)}` };
      });
      return [...own, ...uses].map((use) => ({ branch: name, use, digest: resolve(name, use) }));
    });
  }

  /** Every version that is needed now and that a run has seen is needed until now. */
  function touch(): void {
    for (const { branch, use, digest } of needs()) {
      const isSeenNeed = seen.has(keyOf(branch, use));
      const key = `${use.image} ${branch}`;
      const pin = use.version === '' ? pins.get(key) : undefined;
      if (pin !== undefined && isSeenNeed) pin.needed = world.now;
      // A branch that comes back so late is pinned anew.
      else if (pin !== undefined && pin.needed + grace() <= world.now) pins.delete(key);
      const known = isSeenNeed ? kept.get(`${use.image}@${digest}`) : undefined;
      if (known !== undefined) known.needed = world.now;
    }
  }

  function isPromised({ needed }: Kept): boolean {
    return needed === world.now || needed + grace() > world.now;
  }

  function name(digest: Digest | undefined): string {
    return digest === undefined ? 'nothing' : (world.names.get(digest) ?? digest.slice(0, 15));
  }

  let before = allowedVersions(world, applied);

  return {
    touch(): void {
      touch();
      before = allowedVersions(world, applied);
    },

    /** A tag that names something since somebody has made it so. */
    moveByHand(image: string, tag: string, digest: Digest | undefined): void {
      if (pins.get(`${image} ${tag}`)?.isRead !== true) forgetPin(`${image} ${tag}`);
      const key = `${image}:${tag}`;
      if (settled.has(key) && isSeen(key)) moved.set(key, digest);
      else forget(key);
      attachments.forgetUntagged();
      forgetUnnamed();
    },

    /**
     * A state that is gone, or that is older, does not know what a tag named that somebody has moved, nor what only a
     * tag said that somebody has removed. One from before the run at `restored` has other pins.
     */
    loseState(restored?: number): void {
      refusal.loseState();
      attachments.loseState();
      settled.clear();
      isLost = true;
      for (const key of moved.keys()) forget(key);
      for (const [key, { since }] of pins)
        if (restored !== undefined && since >= restored) forgetPin(key);
      forgetUnnamed();
    },

    /** Nothing is promised of a version that somebody has deleted, or deleted a member of. */
    deleteByHand(image: string, deleted: Digest): void {
      attachments.deleteByHand(image, deleted);
      for (const digest of namingAny(deleted)) {
        broken.add(digest);
        kept.delete(`${image}@${digest}`);
        const isOther = (each: HeldVersion) => each.packageName !== image || each.digest !== digest;
        before = before.filter(isOther);
        for (const [key, pin] of pins) if (pin.digest === digest) pins.delete(key);
        for (const [key, named] of tags) {
          if (named !== digest || digest === deleted) continue;
          // It is built again.
          tags.delete(key);
          settled.delete(key);
          moved.delete(key);
        }
      }
    },

    afterRun(result: RunResult, options: RunOptions): void {
      refusal.afterRun(result, options);
      const { refused, failures, signed } = result;
      for (const each of signed) attachments.attach(each);
      const { refresh, skew, fault } = options;
      if (refused === undefined && fault === undefined) {
        isLost = false;
        for (const key of tags.keys()) settled.add(key);
      }
      learnTags();
      const now = new Set(needs().map(({ branch, use }) => keyOf(branch, use)));
      seen = refused === undefined ? now : new Set([...seen].filter((need) => now.has(need)));
      for (const key of moved.keys()) if (!isSeen(key)) forget(key);
      if (refused !== undefined) return;
      if (fault === undefined) {
        if (refresh && skew === undefined) movedPins.clear();
        for (const pin of pins.values()) pin.isRead = true;
        for (const [branch, { uses }] of supported(world)) {
          for (const { image, version } of uses) {
            const key = `${image} ${branch}`;
            const digest = registry.named(image, branch);
            if (version !== '' || digest === undefined || pins.has(key)) continue;
            if (broken.has(digest)) continue;
            if (branch === 'main' || movedPins.has(key)) continue;
            pins.set(key, { digest, needed: world.now, since: world.now, isRead: false });
          }
        }
        for (const { branch, use, digest } of needs()) {
          if (digest === undefined || broken.has(digest)) continue;
          if (!registry.has(use.image, digest)) continue;
          const why = `${branch} needs ${use.image}${use.version.slice(0, 20)}`;
          const { image } = use;
          const { since } = kept.get(`${image}@${digest}`) ?? { since: world.now };
          const isListed = world.now - since >= DAY_MS;
          kept.set(`${image}@${digest}`, {
            image,
            digest,
            needed: world.now,
            why,
            since,
            isListed,
          });
        }
      }
      for (const key of pins.keys()) {
        const [image = '', branch = ''] = key.split(' ');
        const uses = supported(world).get(branch)?.uses;
        // A branch that names a version instead is pinned anew later.
        if (uses?.some((use) => use.image === image && use.version === '') === false)
          pins.delete(key);
      }
      for (const [key, each] of kept) if (!isPromised(each)) kept.delete(key);
      applied = world.retention;
      if (!refresh || skew !== undefined || fault !== undefined || failures.length > 0) return;
      attachments.see();
      for (const need of needs()) {
        if (need.digest !== undefined && !broken.has(need.digest)) requirePutBack(need, world);
      }
    },

    check(): void {
      learnTags();
      touch();
      for (const each of kept.values()) {
        if (!isPromised(each)) continue;
        const { image, digest, needed, why } = each;
        const until = needed === world.now ? '' : `, ${days(world.now - needed)} days ago`;
        for (const part of wholeOf(image, digest)) {
          if (!registry.has(image, part)) {
            const of = part === digest ? '' : ` of ${name(digest)}`;
            throw new Broken(`${name(part)}${of} is gone (${why}${until})`);
          }
          attachments.check(image, part);
        }
      }
      for (const { packageName, digest } of before) {
        if (!registry.has(packageName, digest)) {
          throw new Broken(`${name(digest)} is gone, which is allowed`);
        }
      }
      for (const [key, first] of tags) {
        const [image = '', tag = ''] = key.split(':');
        const named = registry.named(image, tag);
        if (!registry.has(image, first)) {
          tags.delete(key);
          settled.delete(key);
        } else if (named === first) moved.delete(key);
        else if (!moved.has(key) || (named !== undefined && moved.get(key) !== named)) {
          throw new Broken(`the immutable tag of ${name(first)} names ${name(named)}`);
        }
      }
    },

    /**
     * Whether nothing is promised of an immutable tag of the image of a version with this name: a branch's alias may
     * stay at what the tag named first, which only the state knows.
     */
    isUnknown(version: string): boolean {
      const [image = ''] = version.split(' ');
      return [...unknown].some((key) => key.startsWith(`${image}:`));
    },

    attachments,
    name,
  };

  /** A version, and what it names, directly or through others. */
  function wholeOf(image: string, digest: Digest): readonly Digest[] {
    const members = membersOf.get(digest) ?? [];
    return [digest, ...members.flatMap((member) => wholeOf(image, member))];
  }

  /** A version, and the indexes that name it, directly or through others. */
  function namingAny(digest: Digest): readonly Digest[] {
    const indexes = [...membersOf].flatMap(([index, named]) =>
      named.includes(digest) ? index : [],
    );
    return [digest, ...indexes.flatMap(namingAny)];
  }

  /** Whether the last run has seen a need of `image:tag`. */
  function isSeen(key: string): boolean {
    return [...seen].some((need) => need.endsWith(` ${key}`));
  }

  /** Promises nothing of an immutable tag any more. */
  function forget(key: string): void {
    const [image = ''] = key.split(':');
    kept.delete(`${image}@${tags.get(key) ?? ''}`);
    tags.delete(key);
    moved.delete(key);
    unknown.add(key);
  }

  function forgetPin(key: string): void {
    pins.delete(key);
    movedPins.add(key);
  }

  /** Promises nothing of what only tags said that somebody has moved or removed. */
  function forgetUnnamed(): void {
    for (const [key, { digest }] of isLost ? pins : []) {
      const [image = '', branch = ''] = key.split(' ');
      if (registry.named(image, branch) === digest) continue;
      forgetPin(key);
    }
    const named = new Set(
      registry.versions().flatMap((version) => (hasAlias(version) ? version.digest : [])),
    );
    for (const [key, { digest, isListed }] of kept) {
      if (!named.has(digest) && (isLost || !isListed)) kept.delete(key);
    }
  }

  /** Notes what immutable tags name when they first name anything, and what indexes name. */
  function learnTags(): void {
    for (const { packageName, digest, tags: names, members } of registry.versions()) {
      const named = members.map((member) => member.digest);
      membersOf.set(digest, named);
      if (named.some((member) => broken.has(member))) broken.add(digest);
      for (const tag of names.filter(isImmutable)) {
        const key = `${packageName}:${tag}`;
        if (!tags.has(key) && !unknown.has(key) && !broken.has(digest)) tags.set(key, digest);
      }
    }
  }
}

/** Whether a tag says that a branch needs or needed the version. */
function hasAlias({ tags }: HeldVersion): boolean {
  return tags.some((tag) => tag !== 'latest' && !isImmutable(tag) && !isPlatformTag(tag));
}

function keyOf(branch: string, { image, version }: Use): string {
  return `${branch} ${image}${version}`;
}

export type Truth = ReturnType<typeof truth>;

function days(milliseconds: number): number {
  return Math.round(milliseconds / DAY_MS);
}
