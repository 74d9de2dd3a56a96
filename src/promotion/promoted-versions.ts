import { byKey } from '../compare-texts.ts';
import { LATEST, isImmutable, type Digest, type Tag } from '../image-reference.ts';
import type { Need } from '../branches/references.ts';
import { wholeOf, type HeldVersion, type ResolvedNeeds } from '../retention/resolve-needs.ts';

/** A version to promote, with the tags that it keeps. */
export interface Promotion {
  readonly image: string;
  readonly digest: Digest;
  /** In order; none for a version that is promoted by its digest alone. */
  readonly tags: readonly Tag[];
}

/**
 * What is to be promoted for needs that are met, in order of image and digest. Promoted tags never move, so these are
 * the immutable tag, and a tag that a branch names exactly; not aliases. What an index is made of goes with the index.
 */
export function promotedVersions(
  needs: ResolvedNeeds,
  versions: readonly HeldVersion[],
): readonly Promotion[] {
  const found = new Map<string, { image: string; digest: Digest; tags: Set<Tag> }>();
  for (const [need, named] of needs) {
    if (named === undefined) continue;
    const version = wholeOf(named, versions);
    const { digest } = version;
    const key = `${need.image} ${digest}`;
    const { tags } = found.get(key) ?? { tags: new Set<Tag>() };
    for (const tag of [...version.tags.filter(isImmutable), ...exactTag(need, version)])
      tags.add(tag);
    found.set(key, { image: need.image, digest, tags });
  }
  return [...found.entries()]
    .toSorted(byKey)
    .map(([, { tags, ...version }]) => ({ ...version, tags: [...tags].sort() }));
}

/** The tag that a branch writes itself, where it is that version's. */
function exactTag({ tag, isBare }: Need, { tags }: HeldVersion): readonly Tag[] {
  return tag === undefined || isBare || tag === LATEST || !tags.includes(tag) ? [] : [tag];
}
