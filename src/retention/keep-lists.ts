import type { Retention } from './retention.ts';
import type { Digest, Tag } from '../image-reference.ts';
import type { ValueProblem } from '../yaml/document-problem.ts';

/** Artifact Registry's limit for one repository ("Cleanup policies", quotas). */
const MOST_POLICIES = 10;

/**
 * Entries in one policy. Google publishes no limit on the prefixes of a condition. Lists this short can
 * be reviewed, and are far below any limit.
 */
const ENTRIES_PER_POLICY = 50;

/**
 * Digests in one policy. Where each other kind takes one policy, four are left for 2000 digests, some 150 kB
 * of the 10 MB that Google's APIs take in a request. 10 branches that need 100 images take 1000, a whole policy
 * of allowed digests 50, and the rest is for versions in their grace period.
 */
const DIGESTS_PER_POLICY = 500;

/** Policies that are always there: the newest versions, and the two that delete. */
const OTHER_POLICIES = 3;

type Lists = Pick<Retention, 'keepAliases' | 'allow'>;

/** What clean-up policies keep for the supported branches. */
export interface KeptForBranches {
  readonly aliases: readonly Tag[];
  /** Versions that are needed, and versions in their grace period. */
  readonly digests: readonly Digest[];
}

/** What a stack keeps whose retention file names no source. */
export const NO_BRANCHES: KeptForBranches = { aliases: [], digests: [] };

/**
 * What is always kept, by kind. Each list is ordered, so that moving a line of the file changes no policy,
 * and cut into the parts that one policy holds.
 */
export function keepLists({ keepAliases, allow }: Lists, kept: KeptForBranches) {
  const images = allow.filter(({ tag, digest }) => tag === undefined && digest === undefined);
  const tags = new Map<string, { readonly image: string; readonly tag: Tag }>();
  for (const { image, tag } of allow) {
    if (tag !== undefined) tags.set(`${image}:${tag}`, { image, tag });
  }
  const digests = allow.flatMap(({ digest }) => digest ?? []);
  return {
    aliases: inParts(ordered([...keepAliases, ...kept.aliases])),
    images: inParts(ordered(images.map(({ image }) => image))),
    tags: inParts(ordered(tags.keys()).flatMap((name) => tags.get(name) ?? [])),
    digests: inParts(ordered([...digests, ...kept.digests]), DIGESTS_PER_POLICY),
  };
}

/**
 * The problem if more policies are needed than a repository takes, with the reason for most of them.
 * `list` is the longer one of the file's two lists. Without `kept`, only the file is counted.
 */
export function findTooManyPolicies(
  lists: Lists,
  kept = NO_BRANCHES,
): (ValueProblem<'TOO_MANY_POLICIES'> & { readonly list: keyof Lists }) | undefined {
  const total = countPolicies(lists, kept) + OTHER_POLICIES;
  if (total <= MOST_POLICIES) return undefined;
  const { keepAliases, allow } = lists;
  const { aliases, digests } = kept;
  const forAliases = countPolicies({ keepAliases, allow: [] }, NO_BRANCHES);
  const forAllow = countPolicies({ keepAliases: [], allow }, NO_BRANCHES);
  const forBranches = total - OTHER_POLICIES - forAliases - forAllow;
  const needed = [
    `${forAliases} for the ${keepAliases.length} entries of keepAliases`,
    `${forAllow} for the ${allow.length} entries of allow`,
    ...(forBranches > 0
      ? [`${forBranches} for ${aliases.length} branches and ${digests.length} protected digests`]
      : []),
    `${OTHER_POLICIES} others`,
  ].join(', ');
  const list = forAliases > forAllow ? 'keepAliases' : 'allow';
  return {
    code: 'TOO_MANY_POLICIES',
    list,
    problem: `${total} clean-up policies are needed (${needed}), and a repository takes ${MOST_POLICIES}`,
    remedy:
      forBranches > Math.max(forAliases, forAllow)
        ? `support fewer branches or shorten gracePeriod: one policy holds ${DIGESTS_PER_POLICY} digests`
        : `shorten ${list}: one policy holds ${ENTRIES_PER_POLICY} entries of a kind`,
  };
}

/** The share of the room for digests from which on a run warns. */
const FULL = 0.7;

/**
 * The warning before policies have no room for another digest, when runs stop (`TOO_MANY_POLICIES`), with what
 * takes the room. `needed` and `inGrace` are digests; what else is kept for branches are their attachments.
 */
export function digestWarning(
  lists: Lists,
  kept: KeptForBranches,
  { needed, inGrace }: { readonly needed: Iterable<string>; readonly inGrace: Iterable<string> },
): string | undefined {
  const { digests: parts, ...others } = keepLists(lists, kept);
  const digests = parts.flat();
  const policies = MOST_POLICIES - OTHER_POLICIES - Object.values(others).flat().length;
  const room = policies * DIGESTS_PER_POLICY;
  if (digests.length < room * FULL) return undefined;
  const [ofBranches, ofGrace] = [new Set(needed), new Set(inGrace)];
  const allowed = new Set<string>(lists.allow.flatMap(({ digest }) => digest ?? []));
  const { length: attached } = digests.filter(
    (digest) => !ofBranches.has(digest) && !ofGrace.has(digest) && !allowed.has(digest),
  );
  return `clean-up policies keep ${digests.length} of at most ${room} digests: ${ofBranches.size} that branches need, ${ofGrace.size} in their grace period, ${attached} attachments, ${allowed.size} of allow; shorten gracePeriod, support fewer branches or refresh less often before there is no room, when runs stop`;
}

function countPolicies(lists: Lists, kept: KeptForBranches): number {
  return Object.values(keepLists(lists, kept)).flat().length;
}

/** Each once, by code units: the same order on every machine. */
export function ordered(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

function inParts<Item>(
  items: readonly Item[],
  length = ENTRIES_PER_POLICY,
): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / length);
  return Array.from({ length: count }, (_, at) => items.slice(at * length, (at + 1) * length));
}
