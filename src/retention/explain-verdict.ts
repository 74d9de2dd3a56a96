import { formatVersion, type Need, type References } from '../branches/references.ts';
import { formatDay } from '../dates.ts';
import type { NamedImage } from '../image-reference.ts';
import type { Attachment } from './attachments.ts';
import type { Verdict } from './evaluate-policies.ts';
import type { Grace } from './expiry.ts';
import { isMember } from './members.ts';
import type { HeldVersion, ResolvedNeeds } from './resolve-needs.ts';
import { formatDuration, type Retention } from './retention.ts';

/**
 * Why a version is kept or deleted. The kinds are for programs: a `branch` needs the version, an `alias`
 * names it, it is an `attachment`, `allowed`, one of the `newest`, in `grace`, a member of an `index`, or inside its `window`;
 * a `policy` keeps it for no better reason, such as a prefix of another entry; the catalog stands for it (`catalog`), its
 * time is `unknown`, or what it belongs to is kept (`owner`); or it has `expired`.
 */
export interface Reason {
  readonly kind:
    | 'branch'
    | 'alias'
    | 'attachment'
    | 'newest'
    | 'allowed'
    | 'grace'
    | 'index'
    | 'window'
    | 'policy'
    | 'catalog'
    | 'unknown'
    | 'owner'
    | 'expired';
  readonly text: string;
}

interface Circumstances {
  /** Its `keepNewest` counts manifests, as policies do. */
  readonly retention: Retention;
  /** Counts publications, as the retention file does. */
  readonly keepNewest: number;
  readonly references: References;
  readonly resolved: ResolvedNeeds;
  readonly grace: Grace;
  /** The attachments that policies keep by their digests. */
  readonly attachments: readonly Attachment[];
  readonly at: Date;
}

/** The kinds of reasons that name one version: where they keep a member, it stays for its own sake. */
export const OF_A_VERSION: readonly Reason['kind'][] = [
  'branch',
  'alias',
  'attachment',
  'allowed',
  'grace',
];

/** Explains verdicts, the most telling reason first. The explanation decides nothing. */
export function explainVerdict(circumstances: Circumstances) {
  const { retention, keepNewest, references, resolved, grace, attachments, at } = circumstances;
  const { window, untaggedAfter, keepNewest: keepCount, keepAliases, allow } = retention;
  // By digest, as the policies are: the same version may also be in another package.
  const needs = Map.groupBy(resolved, ([, version]) => version?.digest);
  const ownerOf = new Map(attachments.map(({ version, owner }) => [version.digest, owner]));
  const isSeveral = new Set(references.branches.map(({ source }) => source)).size > 1;
  const aliases = [...keepAliases, ...references.branches.map(({ alias }) => alias)];

  return (
    held: HeldVersion,
    { version: { tags }, action, policies, heldBy }: Verdict,
    goesAt: Date | undefined,
  ): readonly Reason[] => {
    const ofIndex = (): readonly Reason[] => {
      const until = goesAt === undefined ? '' : ', which goes first';
      return [{ kind: 'index', text: `member of the index ${held.indexes?.join(', ')}${until}` }];
    };
    if (heldBy.length > 0) return ofIndex();
    const limit =
      tags.length > 0 ? formatDuration(window) : `${formatDuration(untaggedAfter)} without a tag`;
    if (action === 'delete') {
      return [{ kind: 'expired', text: `older than ${limit}, and nothing keeps it` }];
    }
    if (policies.length === 0) {
      const goes = goesAt === undefined ? '' : ` (goes on ${formatDay(goesAt)})`;
      return [{ kind: 'window', text: `younger than ${limit}${goes}` }];
    }
    const isKeptBy = (list: string) =>
      policies.some((id) => id === list || id.startsWith(`${list}-`));
    const end = grace.ends.get(held.digest);
    const reasons: Reason[] = (needs.get(held.digest) ?? []).map(([need]) => ({
      kind: 'branch',
      text: needText(need, isSeveral),
    }));
    if (isKeptBy('keep-aliases')) reasons.push(...aliasReasons(tags, aliases));
    const owner = ownerOf.get(held.digest);
    if (owner !== undefined) {
      reasons.push({ kind: 'attachment', text: `belongs to ${owner}, which is kept` });
    }
    if (isKeptBy('keep-newest')) {
      const counted = keepCount > keepNewest ? ` manifests (keepNewest: ${keepNewest})` : '';
      const text = keepCount === 1 ? 'the newest' : `one of the newest ${keepCount}${counted}`;
      reasons.push({ kind: 'newest', text });
    }
    for (const entry of allow.filter((each) => isAllowed(held, each))) {
      reasons.push({ kind: 'allowed', text: `allowed as ${formatVersion(entry)}` });
    }
    if (end !== undefined && end > at) {
      reasons.push({ kind: 'grace', text: `in grace until ${formatDay(end)}` });
    }
    if (isMember(held)) {
      // Policies keep its index for the others, too.
      const own = reasons.filter(({ kind }) => OF_A_VERSION.includes(kind));
      return own.length > 0 ? own : ofIndex();
    }
    return reasons.length > 0 ? reasons : [{ kind: 'policy', text: `kept by ${policies.join()}` }];
  };
}

function needText({ branch, places }: Need, isSeveral: boolean): string {
  const name = isSeveral ? `${branch.source} ${branch.branch}` : branch.branch;
  const [first, ...others] = places;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const where = first === undefined ? '' : ` (${first.file}:${first.line}${more})`;
  return `needed by ${name}${where}`;
}

function aliasReasons(tags: readonly string[], aliases: readonly string[]): readonly Reason[] {
  const exact = [...new Set(aliases)].filter((alias) => tags.includes(alias));
  if (exact.length > 0) return exact.map((alias) => ({ kind: 'alias', text: `alias ${alias}` }));
  return tags.flatMap((tag): Reason[] => {
    const alias = aliases.find((each) => tag.startsWith(each));
    return alias === undefined
      ? []
      : [{ kind: 'alias', text: `${tag} begins like the alias ${alias}` }];
  });
}

/** An image that is allowed is a reason for what stands for itself, and for its members by that. */
function isAllowed(held: HeldVersion, entry: NamedImage): boolean {
  if (entry.digest !== undefined) return entry.digest === held.digest;
  const isNamed = entry.tag === undefined ? !isMember(held) : held.tags.includes(entry.tag);
  return entry.image === held.packageName && isNamed;
}
