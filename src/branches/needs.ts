import { LATEST } from './branch-alias.ts';
import type { Need, Reference, References, SupportedBranch } from './references.ts';
import type { Tag } from '../image-reference.ts';
import { sha256 } from '../tag/hash-context.ts';

/** The needs of a branch, in order of image and tag. References to the same tag of an image are one need. */
export function needsOf(
  branch: SupportedBranch,
  references: readonly Reference[],
): readonly Need[] {
  const byTag = Map.groupBy(references, ({ image, tag }) => `${image} ${tag ?? ''}`);
  return [...byTag]
    .toSorted(([a], [b]) => byText(a, b))
    .flatMap(([, same]) => {
      const places = new Map(same.map(({ place }) => [`${place.line}:${place.file}`, place]));
      const ordered = [...places.values()].sort(
        (a, b) => byText(a.file, b.file) || a.line - b.line,
      );
      return same.slice(0, 1).map(({ image, tag }) => ({ branch, image, tag, places: ordered }));
    });
}

/** By code units: the same order on every machine. */
function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * The tags that may name a needed version: the first that the registry has does. A branch that names an
 * image without a tag is pinned: to the version of its alias or, before there is an alias, of `latest`.
 */
export function candidateTags(alias: Tag, tag: Tag | undefined): readonly Tag[] {
  return tag === undefined ? [alias, LATEST] : [tag];
}

/** Image → alias → tag, which is empty for a pin. */
export type NeededTags = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The versions that branches need, by the aliases that stand for them. A branch that needs several versions
 * of an image has an alias for each: the branch's own alias for the image without a tag, and
 * `<alias>-<tag>-<hash>` for each tag. No alias stands for two versions, so that no need replaces another.
 */
export function neededTags({ needs }: Pick<References, 'needs'>): NeededTags {
  const images = [...Map.groupBy(needs, ({ image }) => image)].map(([image, ofImage]) => {
    const byBranch = Map.groupBy(ofImage, ({ branch }) => branch.alias);
    const aliases = [...byBranch].flatMap(([alias, ofBranch]) => {
      const tags = [...new Set(ofBranch.map(({ tag }) => tag))];
      if (tags.length === 1) return [[alias, tags[0] ?? ''] as const];
      return tags.map((tag) =>
        tag === undefined ? ([alias, ''] as const) : ([aliasOf(alias, tag), tag] as const),
      );
    });
    return [image, Object.fromEntries(aliases)] as const;
  });
  return Object.fromEntries(images);
}

const LONGEST_TAG = 128;
const HASH_DIGITS = 8;

/** The hash makes the alias unique; the text before it is for people. */
function aliasOf(alias: Tag, tag: Tag): Tag {
  const hash = sha256(`${alias} ${tag}`).slice(0, HASH_DIGITS);
  const readable = `${alias}-${tag}`.slice(0, LONGEST_TAG - HASH_DIGITS - 1);
  return `${readable}-${hash}` as Tag;
}
