import type { Need, References, ReferencePlace } from './references.ts';
import { parseTag, type Tag } from '../image-reference.ts';
import { sha256 } from '../tag/hash-cache.ts';

/** One version that a supported branch needs, and the alias that stands for it in the registry. */
export interface VersionNeed {
  readonly image: string;
  readonly alias: Tag;
  /** Absent: what the alias names, and where there is none yet, what `latest` names then. */
  readonly tag?: Tag;
}

const LONGEST_TAG = 128;
const HASH_DIGITS = 8;

/**
 * The versions that branches need, in order of image, alias and tag, each once. A branch that needs
 * several versions of an image has an alias for each: its own for the one that it names by the image alone,
 * and `<alias>-<tag>-<hash>` for each that it names by a tag. None stands for another: what is named in one
 * place must not go because of what is named in the next.
 */
export function versionNeeds({ needs }: Pick<References, 'needs'>): readonly VersionNeed[] {
  const groups = Map.groupBy(needs, ({ branch, image }) => `${image}\n${branch.alias}`);
  const all = [...groups.values()].flatMap(needsOfOne);
  return all.toSorted((a, b) => byText(keyOf(a), keyOf(b)));
}

/** What tells one need from another. */
export function keyOf({ image, alias, tag = '' as Tag }: VersionNeed): string {
  return `${image} ${alias} ${tag}`;
}

function needsOfOne(needs: readonly Need[]): readonly VersionNeed[] {
  const [first] = needs;
  if (first === undefined) return [];
  const { image, branch } = first;
  const tags = [...new Set(needs.map(({ tag }) => tag))];
  return tags.map((tag) => {
    if (tag === undefined) return { image, alias: branch.alias };
    const alias = tags.length === 1 ? branch.alias : aliasOf(branch.alias, tag);
    return { image, alias, tag };
  });
}

/** Unlike any other by its hash: what is before it says to people what it stands for. */
function aliasOf(alias: Tag, tag: Tag): Tag {
  const hash = sha256(`${alias} ${tag}`).slice(0, HASH_DIGITS);
  const readable = `${alias}-${tag}`.slice(0, LONGEST_TAG - HASH_DIGITS - 1);
  return parseTag(`${readable}-${hash}`) ?? alias;
}

/**
 * Needs of the same tag of an image by the same branch as one, with all the places; in the order of
 * branches as they first come, and of image and tag within each.
 */
export function orderNeeds(needs: readonly Need[]): readonly Need[] {
  const branches = new Map<string, number>();
  const merged = new Map<string, Need[]>();
  for (const need of needs) {
    const branch = JSON.stringify([need.branch.source, need.branch.branch]);
    if (!branches.has(branch)) branches.set(branch, branches.size);
    const key = JSON.stringify([branch, need.image, need.tag ?? null]);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, [need]);
    else same.push(need);
  }
  const rankOf = ({ branch: { source, branch } }: Need) =>
    branches.get(JSON.stringify([source, branch])) ?? 0;
  return [...merged.values()].flatMap(join).sort((a, b) => {
    return rankOf(a) - rankOf(b) || byText(a.image, b.image) || byText(a.tag ?? '', b.tag ?? '');
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
