import type { Flaw } from '../document/value-rule.ts';
import type { AllowEntry, Retention } from './retention.ts';

/** Artifact Registry's limit for one repository ("Cleanup policies", quotas). */
export const MOST_POLICIES = 10;

/**
 * Entries in one policy. No limit on the prefixes of a condition is published; lists this short are a
 * reviewer's, and stay far from any that there may be.
 */
export const ENTRIES_PER_POLICY = 50;

/** Policies that are always there: the newest versions, and the two that delete. */
const OTHER_POLICIES = 3;

export type Lists = Pick<Retention, 'keepAliases' | 'allow'>;

type TagEntry = AllowEntry & Required<Pick<AllowEntry, 'tag'>>;
type DigestEntry = AllowEntry & Required<Pick<AllowEntry, 'digest'>>;

/** What always stays, by kind: each list ordered, and cut into what one policy holds. */
export interface KeepLists {
  readonly aliases: readonly (readonly string[])[];
  readonly images: readonly (readonly string[])[];
  readonly tags: readonly (readonly TagEntry[])[];
  readonly digests: readonly (readonly string[])[];
}

/** The order of the file does not matter, so that moving a line changes no policy. */
export function keepLists({ keepAliases, allow }: Lists): KeepLists {
  const whole = allow.filter(({ tag, digest }) => tag === undefined && digest === undefined);
  const tagged = allow.filter((entry): entry is TagEntry => entry.tag !== undefined);
  const pinned = allow.filter((entry): entry is DigestEntry => entry.digest !== undefined);
  const byPlace = new Map(tagged.map((entry) => [`${entry.image}:${entry.tag}`, entry]));
  return {
    aliases: inPieces(ordered(keepAliases)),
    images: inPieces(ordered(whole.map(({ image }) => image))),
    tags: inPieces(ordered(byPlace.keys()).flatMap((key) => byPlace.get(key) ?? [])),
    digests: inPieces(ordered(pinned.map(({ digest }) => digest))),
  };
}

/** Says so when the lists need more policies than there may be, and which of them is the longer one. */
export function findTooManyPolicies(
  lists: Lists,
): (Flaw<'TOO_MANY_POLICIES'> & { readonly list: keyof Lists }) | undefined {
  const { aliases, images, tags, digests } = keepLists(lists);
  const needed = {
    keepAliases: aliases.length,
    allow: images.length + tags.length + digests.length,
  };
  const total = OTHER_POLICIES + needed.keepAliases + needed.allow;
  if (total <= MOST_POLICIES) return undefined;
  const count = (list: keyof Lists) =>
    `${needed[list]} for the ${lists[list].length} entries of ${list}`;
  const list = needed.keepAliases > needed.allow ? 'keepAliases' : 'allow';
  return {
    code: 'TOO_MANY_POLICIES',
    list,
    problem: `${total} clean-up policies are needed (${count('keepAliases')}, ${count('allow')}, ${OTHER_POLICIES} others), and a repository takes ${MOST_POLICIES}`,
    remedy: `shorten ${list}: one policy holds ${ENTRIES_PER_POLICY} entries of a kind`,
  };
}

/** Each once, by code units: the same order on every machine. */
export function ordered(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

function inPieces<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const starts = Array.from(
    { length: Math.ceil(items.length / ENTRIES_PER_POLICY) },
    (_, piece) => piece * ENTRIES_PER_POLICY,
  );
  return starts.map((start) => items.slice(start, start + ENTRIES_PER_POLICY));
}
