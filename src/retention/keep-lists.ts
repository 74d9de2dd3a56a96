import type { ValueProblem } from '../yaml/document-problem.ts';
import type { Digest, Tag } from '../image-reference.ts';
import type { AllowEntry, Retention } from './retention.ts';

/** Artifact Registry's limit for one repository ("Cleanup policies", quotas). */
export const MOST_POLICIES = 10;

/**
 * Entries in one policy. No limit on the prefixes of a condition is published; lists this short are a
 * reviewer's, and stay far from any that there may be.
 */
export const ENTRIES_PER_POLICY = 50;

/**
 * Digests in one policy, which nobody reads one by one. Four policies are left for them where each
 * other kind takes one, 2000 digests: what 10 branches need of 100 images is 1000, a whole policy of
 * allowed ones 50, and the rest are versions in their grace period. All of them are some 150 kB, far
 * below what Google's APIs take in a request (10 MB).
 */
export const DIGESTS_PER_POLICY = 500;

/** Policies that are always there: the newest versions, and the two that delete. */
const OTHER_POLICIES = 3;

export type Lists = Pick<Retention, 'keepAliases' | 'allow'>;

type TagEntry = AllowEntry & Required<Pick<AllowEntry, 'tag'>>;

/** What the supported branches need, as clean-up policies can say it. */
export interface Protection {
  /** Aliases of supported branches: what they name stays. */
  readonly aliases: readonly Tag[];
  /** Versions that are needed, and those whose last reference went less than the grace period ago. */
  readonly digests: readonly Digest[];
}

/** Of a stack whose retention file names no source. */
export const NO_PROTECTION: Protection = { aliases: [], digests: [] };

/** What always stays, by kind: each list ordered, and cut into what one policy holds. */
export interface KeepLists {
  /** Of the retention file and of supported branches. */
  readonly aliases: readonly (readonly string[])[];
  readonly images: readonly (readonly string[])[];
  readonly tags: readonly (readonly TagEntry[])[];
  /** Allowed, needed, or in grace. */
  readonly digests: readonly (readonly string[])[];
}

/** The order of the lists does not matter, so that moving a line changes no policy. */
export function keepLists({ keepAliases, allow }: Lists, protection: Protection): KeepLists {
  const whole = allow.filter(({ tag, digest }) => tag === undefined && digest === undefined);
  const tagged = allow.filter((entry): entry is TagEntry => entry.tag !== undefined);
  const allowed = allow.flatMap(({ digest }) => digest ?? []);
  const byPlace = new Map(tagged.map((entry) => [`${entry.image}:${entry.tag}`, entry]));
  const aliases = ordered([...keepAliases, ...protection.aliases]);
  const digests = ordered([...allowed, ...protection.digests]);
  return {
    aliases: inPieces(aliases, ENTRIES_PER_POLICY),
    images: inPieces(ordered(whole.map(({ image }) => image)), ENTRIES_PER_POLICY),
    tags: inPieces(
      ordered(byPlace.keys()).flatMap((key) => byPlace.get(key) ?? []),
      ENTRIES_PER_POLICY,
    ),
    digests: inPieces(digests, DIGESTS_PER_POLICY),
  };
}

/**
 * Says so when more policies are needed than there may be, and what takes most of them: `list` is the
 * longer one of the file's two. Without `protection`, what the file alone would need.
 */
export function findTooManyPolicies(
  lists: Lists,
  protection: Protection = NO_PROTECTION,
): (ValueProblem<'TOO_MANY_POLICIES'> & { readonly list: keyof Lists }) | undefined {
  const total = countPolicies(lists, protection);
  if (total <= MOST_POLICIES) return undefined;
  const needed = {
    keepAliases: countPolicies({ ...lists, allow: [] }, NO_PROTECTION) - OTHER_POLICIES,
    allow: countPolicies({ ...lists, keepAliases: [] }, NO_PROTECTION) - OTHER_POLICIES,
  };
  const forBranches = total - countPolicies(lists, NO_PROTECTION);
  const { aliases, digests } = protection;
  const parts = [
    ...(['keepAliases', 'allow'] as const).map(
      (list) => `${needed[list]} for the ${lists[list].length} entries of ${list}`,
    ),
    ...(forBranches === 0
      ? []
      : [`${forBranches} for ${aliases.length} branches and ${digests.length} protected digests`]),
    `${OTHER_POLICIES} others`,
  ];
  const list = needed.keepAliases > needed.allow ? 'keepAliases' : 'allow';
  return {
    code: 'TOO_MANY_POLICIES',
    list,
    problem: `${total} clean-up policies are needed (${parts.join(', ')}), and a repository takes ${MOST_POLICIES}`,
    remedy:
      forBranches > needed[list]
        ? `support fewer branches or shorten gracePeriod: one policy holds ${DIGESTS_PER_POLICY} digests`
        : `shorten ${list}: one policy holds ${ENTRIES_PER_POLICY} entries of a kind`,
  };
}

function countPolicies(lists: Lists, protection: Protection): number {
  const pieces = Object.values(keepLists(lists, protection)) as readonly (readonly unknown[])[];
  return pieces.reduce((sum, { length }) => sum + length, OTHER_POLICIES);
}

/** Each once, by code units: the same order on every machine. */
export function ordered(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

function inPieces<Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] {
  const starts = Array.from(
    { length: Math.ceil(items.length / length) },
    (_, piece) => piece * length,
  );
  return starts.map((start) => items.slice(start, start + length));
}
