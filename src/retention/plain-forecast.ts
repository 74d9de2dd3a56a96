import { isAliasOf } from '../branches/needs.ts';
import type { SupportedBranch } from '../branches/references.ts';
import type { Source } from '../branches/source.ts';
import { isPlatformTag, parseTag, type Digest } from '../image-reference.ts';
import { isAttachment, ownerFinder } from './attachments.ts';
import type { RegistryPolicy } from './evaluate-policies.ts';
import { OF_A_VERSION, type Reason } from './explain-verdict.ts';
import { forecast, type Forecast, type ForecastInputs, type VersionForecast } from './forecast.ts';
import { isMember, nameOf } from './members.ts';
import type { HeldVersion } from './resolve-needs.ts';

export interface PlainInputs extends Omit<ForecastInputs, 'live'> {
  /** `image:tag` of what the catalog stands for: a run would build again what went. */
  readonly published: ReadonlySet<string>;
  /** What a clean-up that was interrupted has left of versions that went: `image@digest`. */
  readonly leftovers: ReadonlySet<string>;
}

/** A version with one of these reasons stays for its own sake. */
const OWN_REASONS: readonly Reason['kind'][] = [...OF_A_VERSION, 'index'];

/**
 * The forecast of the clean-up of a registry without policies: by the policies that a repository of Artifact Registry
 * would have, except that a version stays whose time is unknown, or which the catalog stands for, with all that
 * belongs to it; and that what an interrupted clean-up has left of a version goes.
 */
export function plainForecast(inputs: PlainInputs): Forecast {
  const { published, leftovers, ...rest } = inputs;
  const { branches } = inputs.references;
  const live = aliasPolicies(inputs.versions, branches, inputs.retention.sources);
  const own = forecast({ ...rest, live });
  const judged = own.versions.map((one): VersionForecast => {
    const { version, reasons } = one;
    const isLeft = leftovers.has(nameOf(version)) && isPart(version);
    if (isLeft && !reasons.some(({ kind }) => OWN_REASONS.includes(kind))) {
      const text = 'left of a version that has gone, by a clean-up that was interrupted';
      return { version, verdict: 'delete', goesAt: inputs.now, reasons: [expired(text)] };
    }
    const tag = version.tags.find((each) => published.has(`${version.packageName}:${each}`));
    if (tag !== undefined) {
      return stays(one, { kind: 'catalog', text: `the catalog stands for ${tag.slice(0, 12)}` });
    }
    if (version.isTimeUnknown !== true) return one;
    return stays(one, { kind: 'unknown', text: 'it states no time of a publication from here' });
  });
  return { ...own, versions: holdBelongings(judged) };
}

/** What a publication that has gone may have left: its image for a platform, an attestation, a signature. */
function isPart(version: HeldVersion): boolean {
  return !isMember(version) && (isAttachment(version) || version.tags.every(isPlatformTag));
}

function expired(text: string): Reason {
  return { kind: 'expired', text };
}

function stays(one: VersionForecast, reason: Reason): VersionForecast {
  const others = one.verdict === 'keep' ? one.reasons.filter(({ kind }) => kind !== 'window') : [];
  return { ...one, verdict: 'keep', goesAt: undefined, reasons: [...others, reason] };
}

/** What belongs to a version that stays, directly or through others, stays with it. */
function holdBelongings(forecasts: readonly VersionForecast[]): readonly VersionForecast[] {
  const ownersOf = ownerFinder(forecasts.map(({ version }) => version));
  const fateOf = new Map(forecasts.map((one) => [one.version, one]));
  return forecasts.map((one) => {
    const owners = ownersOf(one.version).flatMap((owner) => fateOf.get(owner) ?? []);
    const keeper = owners.find(({ verdict }) => verdict === 'keep');
    if (one.verdict === 'keep' || keeper === undefined) return one;
    const { version, goesAt } = keeper;
    const reason: Reason = { kind: 'owner', text: `belongs to ${version.digest}, which is kept` };
    return { ...one, verdict: 'keep', goesAt, reasons: [reason] };
  });
}

/**
 * Policies as the last run would have left them: they keep what an alias of a branch names, so that a version which
 * lost its last reference since then has its whole grace period, although no run has marked it yet. Branches that have
 * left the supported ones count, too, as far as their names tell them.
 */
function aliasPolicies(
  versions: readonly HeldVersion[],
  branches: readonly Pick<SupportedBranch, 'alias'>[],
  sources: readonly Source[],
): readonly RegistryPolicy[] {
  const shapes = sources.map(aliasShape);
  const isAlias = (text: string): boolean => {
    const tag = parseTag(text);
    if (tag === undefined) return false;
    return branches.some(({ alias }) => isAliasOf(alias, tag)) || shapes.some((s) => s.test(tag));
  };
  const tagPrefixes = [...new Set(versions.flatMap(({ tags }) => tags.filter(isAlias)))];
  if (tagPrefixes.length === 0) return [];
  return [{ id: 'keep-aliases', action: 'KEEP', condition: { tagState: 'TAGGED', tagPrefixes } }];
}

/** What the aliases of a source look like: with a prefix, all that begins so, and else the names of releases. */
function aliasShape({ aliasPrefix = '', branches }: Source): RegExp {
  if (aliasPrefix !== '') return new RegExp(`^${escaped(aliasPrefix)}`);
  const glob = 'only' in branches ? undefined : branches.releases?.glob;
  if (glob === undefined) return /^(?!)/;
  const parts = glob.split('*').map((part) => escaped(part.replaceAll(/[^A-Za-z0-9._-]/g, '-')));
  return new RegExp(`^${parts.join('[^]*')}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\-]/g, '\\$&');
}

/** The versions that go, by `image@digest`. */
export function goingIn({ versions }: Pick<Forecast, 'versions'>): ReadonlyMap<string, Digest> {
  const going = versions.filter(({ verdict }) => verdict === 'delete');
  return new Map(going.map(({ version }) => [nameOf(version), version.digest]));
}
