import type { Need, References, ReferencePlace } from './references.ts';
import { parseTag, type Tag } from '../image-reference.ts';
import { sha256 } from '../tag/hash-context.ts';

/** A version that a supported branch needs, and the alias that stands for it in the registry. */
export interface VersionNeed {
  readonly image: string;
  readonly alias: Tag;
  /** Absent: the version that the alias names or, before there is an alias, the version of `latest`. */
  readonly tag?: Tag;
}

const LONGEST_TAG = 128;
const HASH_DIGITS = 8;

/**
 * The versions that branches need, in order of image, alias and tag, each once. A branch that needs
 * several versions of an image has an alias for each: the branch's own alias where it names the image
 * without a tag, and `<alias>-<tag>-<hash>` for each tag. No alias stands for two versions, so that no
 * need replaces another.
 */
export function versionNeeds({ needs }: Pick<References, 'needs'>): readonly VersionNeed[] {
  const groups = Map.groupBy(needs, ({ branch, image }) => `${image} ${branch.alias}`);
  const all = [...groups.values()].flatMap((group) => {
    const tags = new Set(group.map(({ tag }) => tag));
    return group.map((need) => versionNeed(need, tags.size > 1));
  });
  const unique = new Map(all.map((need) => [keyOf(need), need]));
  return [...unique.values()].sort((a, b) => byText(keyOf(a), keyOf(b)));
}

/** Identifies a need: the names in it have no spaces. */
export function keyOf({ image, alias, tag }: VersionNeed): string {
  return `${image} ${alias} ${tag ?? ''}`;
}

function versionNeed({ image, branch: { alias }, tag }: Need, isOneOfMany: boolean): VersionNeed {
  if (tag === undefined) return { image, alias };
  return { image, alias: isOneOfMany ? aliasOf(alias, tag) : alias, tag };
}

/** The hash makes the alias unique; the text before it is for people. */
function aliasOf(alias: Tag, tag: Tag): Tag {
  const hash = sha256(`${alias} ${tag}`).slice(0, HASH_DIGITS);
  const readable = `${alias}-${tag}`.slice(0, LONGEST_TAG - HASH_DIGITS - 1);
  return parseTag(`${readable}-${hash}`) ?? alias;
}

/**
 * Joins the needs of the same tag of an image by the same branch. The result is in the order of branches
 * as they first come, and of image and tag within each.
 */
export function orderNeeds(needs: readonly Need[]): readonly Need[] {
  const ofBranches = Map.groupBy(needs, ({ branch }) => `${branch.source} ${branch.branch}`);
  return [...ofBranches.values()].flatMap((ofBranch) => {
    const ofTags = Map.groupBy(ofBranch, ({ image, tag }) => `${image} ${tag ?? ''}`);
    return [...ofTags.values()].flatMap(join).sort((a, b) => {
      return byText(a.image, b.image) || byText(a.tag ?? '', b.tag ?? '');
    });
  });
}

function join(same: readonly Need[]): readonly Need[] {
  const [first] = same;
  if (first === undefined) return [];
  const places = same.flatMap((need) => need.places);
  const unique = new Map(places.map((place) => [`${place.line}:${place.file}`, place]));
  return [{ ...first, places: [...unique.values()].sort(byPlace) }];
}

function byPlace(a: ReferencePlace, b: ReferencePlace): number {
  return byText(a.file, b.file) || a.line - b.line;
}

/** By code units: the same order on every machine. */
function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
