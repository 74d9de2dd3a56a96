import type { Need, References } from '../branches/references.ts';
import { formatDuration } from './value-rules.ts';
import type { InventoryVersion, Verdict } from './evaluate-policies.ts';
import type { Grace } from './expiry.ts';
import type { HeldVersion, ResolvedNeed } from './resolve-needs.ts';
import type { AllowEntry, Retention } from './retention.ts';

/**
 * Why a version is kept or deleted. The kinds are for programs: a `branch` needs the version, an `alias`
 * names it, it is `allowed`, one of the `newest`, in `grace`, part of an `index`, or inside its `window`;
 * a `policy` keeps it for no better reason, such as a prefix of another entry; or it has `expired`.
 */
export interface Reason {
  readonly kind:
    'branch' | 'alias' | 'newest' | 'allowed' | 'grace' | 'index' | 'window' | 'policy' | 'expired';
  readonly text: string;
}

export interface Circumstances {
  readonly retention: Retention;
  readonly references: References;
  readonly resolved: readonly ResolvedNeed[];
  readonly grace: Grace;
  readonly at: Date;
}

/** Explains verdicts, the most telling reason first. The explanation decides nothing. */
export function explainVerdict(circumstances: Circumstances) {
  const { retention, references, resolved, grace, at } = circumstances;
  // By digest, as the policies are: the same version may also be in another package.
  const needs = Map.groupBy(resolved, ({ version }) => version?.digest);
  const isSeveral = new Set(references.branches.map(({ source }) => source)).size > 1;
  const aliases = [...retention.keepAliases, ...references.branches.map(({ alias }) => alias)];

  return (
    held: HeldVersion,
    { version, action, policies, heldBy }: Verdict,
    goesAt: Date | undefined,
  ): readonly Reason[] => {
    if (heldBy.length > 0) return [indexReason(heldBy, goesAt)];
    const limit = limitOf(version, retention);
    if (action === 'delete') {
      return [{ kind: 'expired', text: `older than ${limit}, and nothing keeps it` }];
    }
    if (policies.length === 0) return [young(limit, goesAt)];
    const end = grace.ends.get(held.digest);
    const reasons = [
      ...(needs.get(held.digest) ?? []).map(({ need }) => needReason(need, isSeveral)),
      ...keepsBy(policies, 'keep-aliases', () => aliasReasons(version.tags, aliases)),
      ...keepsBy(policies, 'keep-newest', () => [newestReason(retention.keepNewest)]),
      ...retention.allow.filter((entry) => isAllowed(held, entry)).map(allowReason),
      ...(end !== undefined && end > at ? [graceReason(end)] : []),
    ];
    return reasons.length > 0 ? reasons : [{ kind: 'policy', text: `kept by ${policies.join()}` }];
  };
}

function keepsBy(
  policies: readonly string[],
  family: string,
  reasons: () => readonly Reason[],
): readonly Reason[] {
  const matches = (id: string) => id === family || id.startsWith(`${family}-`);
  return policies.some(matches) ? reasons() : [];
}

function needReason({ branch, places }: Need, isSeveral: boolean): Reason {
  const name = isSeveral ? `${branch.source} ${branch.branch}` : branch.branch;
  const [first, ...others] = places;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const where = first === undefined ? '' : ` (${first.file}:${first.line}${more})`;
  return { kind: 'branch', text: `needed by ${name}${where}` };
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

function isAllowed({ packageName, tags, digest }: HeldVersion, entry: AllowEntry): boolean {
  if (entry.digest !== undefined) return entry.digest === digest;
  return entry.image === packageName && (entry.tag === undefined || tags.includes(entry.tag));
}

function newestReason(count: number): Reason {
  return { kind: 'newest', text: count === 1 ? 'the newest' : `one of the newest ${count}` };
}

function allowReason({ image, tag, digest }: AllowEntry): Reason {
  const version = tag === undefined ? digest && `@${digest}` : `:${tag}`;
  return { kind: 'allowed', text: `allowed as ${image}${version ?? ''}` };
}

function graceReason(end: Date): Reason {
  return { kind: 'grace', text: `in grace until ${formatDay(end)}` };
}

function indexReason(indexes: readonly string[], goesAt: Date | undefined): Reason {
  const until = goesAt === undefined ? '' : ', which goes first';
  return { kind: 'index', text: `part of the index ${indexes.join(', ')}${until}` };
}

function young(limit: string, goesAt: Date | undefined): Reason {
  const goes = goesAt === undefined ? '' : ` (goes on ${formatDay(goesAt)})`;
  return { kind: 'window', text: `younger than ${limit}${goes}` };
}

function limitOf({ tags }: InventoryVersion, { window, untaggedAfter }: Retention): string {
  return tags.length > 0
    ? formatDuration(window)
    : `${formatDuration(untaggedAfter)} without a tag`;
}

function formatDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
