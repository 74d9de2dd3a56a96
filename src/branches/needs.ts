import type { Need, Reference, References, SupportedBranch } from './references.ts';
import type { Pin } from './source.ts';
import { byKey, compareTexts } from '../compare-texts.ts';
import { LATEST, type Digest, type Tag } from '../image-reference.ts';
import { sha256 } from '../tag/hash-context.ts';

/**
 * The needs of a branch, in order of image and version. References to the same version of an image are one
 * need. A branch that names its own alias as the tag names the image alone.
 */
export function needsOf(
  branch: SupportedBranch,
  references: readonly Reference[],
  pins: readonly Pin[],
): readonly Need[] {
  const named = references.map((each) =>
    each.tag === branch.alias ? { ...each, tag: undefined } : each,
  );
  const byVersion = Map.groupBy(named, (each) => `${each.image} ${versionOf(each)}`);
  return [...byVersion].toSorted(byKey).flatMap(([, same]) => {
    const places = new Map(same.map(({ place }) => [`${place.line}:${place.file}`, place]));
    const ordered = [...places.values()].sort(
      (a, b) => compareTexts(a.file, b.file) || a.line - b.line,
    );
    return same.slice(0, 1).map(({ image, tag, digest }) => {
      const isBare = tag === undefined && digest === undefined;
      const version = isBare ? bareVersion(branch, image, pins) : { tag, digest };
      return { branch, image, ...version, isBare, places: ordered };
    });
  });
}

/** The version that a branch needs when it names an image without one. */
function bareVersion(
  { branch, isDefault }: SupportedBranch,
  image: string,
  pins: readonly Pin[],
): Pick<Need, 'tag' | 'digest'> {
  const pin = pins.find((each) => each.branch === branch && each.image === image);
  if (pin !== undefined) return { tag: pin.tag, digest: pin.digest };
  return { tag: isDefault ? LATEST : undefined };
}

/** The tag or the digest; empty for a need that has neither. */
function versionOf({ tag, digest }: Pick<Need, 'tag' | 'digest'>): Tag | Digest | '' {
  return tag ?? digest ?? '';
}

/**
 * The tags or digests that may name a needed version: the first that the registry has does. A need without
 * a version is pinned: to the version of its alias or, before there is an alias, of `latest`.
 */
export function candidateTags(
  alias: Tag,
  version: Tag | Digest | undefined,
): readonly (Tag | Digest)[] {
  return version === undefined ? [alias, LATEST] : [version];
}

/** Image → alias → tag or digest, or the empty text for a branch that is pinned at its first run. */
export type NeededTags = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The versions that branches need, by the aliases that stand for them. A branch that needs several versions
 * of an image has an alias for each: the branch's own alias for the image alone, and
 * `<alias>-<version>-<hash>` for each tag and digest. No alias stands for two versions, so that no need replaces
 * another.
 */
export function neededTags({ needs }: Pick<References, 'needs'>): NeededTags {
  const images = [...Map.groupBy(needs, ({ image }) => image)].map(([image, ofImage]) => {
    const byBranch = Map.groupBy(ofImage, ({ branch }) => branch.alias);
    const aliases = [...byBranch].flatMap(([alias, ofBranch]) => {
      const isOne = new Set(ofBranch.map(versionOf)).size === 1;
      return ofBranch.map((need) => {
        const version = versionOf(need);
        return [isOne || need.isBare ? alias : aliasOf(alias, version), version] as const;
      });
    });
    return [image, Object.fromEntries(aliases)] as const;
  });
  return Object.fromEntries(images);
}

/**
 * The needs once this run ends, when `latest` names the immutable tag of each image that it publishes (`tags`, by
 * image): so the version that `latest` leaves has its grace period before it is left.
 */
export function withoutLatest(needs: NeededTags, tags: ReadonlyMap<string, Tag>): NeededTags {
  const images = Object.entries(needs).map(([image, aliases]) => {
    const versions = Object.entries(aliases).map(([alias, version]) => {
      return [alias, version === LATEST ? (tags.get(image) ?? version) : version] as const;
    });
    return [image, Object.fromEntries(versions)] as const;
  });
  return Object.fromEntries(images);
}

const LONGEST_TAG = 128;
const HASH_DIGITS = 8;
const LONGEST_READABLE = LONGEST_TAG - HASH_DIGITS - 1;

/** What all aliases of a branch begin with, by its own alias. */
export function aliasPrefix(alias: Tag): Tag {
  return alias.slice(0, LONGEST_READABLE) as Tag;
}

/** Whether a tag is an alias of the branch with this alias, for one of the versions that the branch needs. */
export function isAliasOf(alias: Tag, tag: Tag): boolean {
  return tag === alias || (tag.startsWith(aliasPrefix(alias)) && /-[0-9a-f]{8}$/.test(tag));
}

/** The hash makes the alias unique; the text before it is for people. */
function aliasOf(alias: Tag, version: string): Tag {
  const hash = sha256([`${alias} ${version}`]).slice(0, HASH_DIGITS);
  const short = version.replace(/^sha256:(.{12}).*/, '$1');
  const readable = `${alias}-${short}`.slice(0, LONGEST_READABLE);
  return `${readable}-${hash}` as Tag;
}
