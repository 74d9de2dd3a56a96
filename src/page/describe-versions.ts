import type { PageDetails, PageReason, PageVersion } from './page-data.ts';
import type { Publication } from './publications.ts';
import type { PagePlaces } from './web-address.ts';
import { markedAt, namesOf } from '../branches/branch-alias.ts';
import type { Need } from '../branches/references.ts';
import { formatDay } from '../dates.ts';
import { isImmutable } from '../image-reference.ts';
import type { Reason } from '../retention/explain-verdict.ts';
import { sizeOf } from '../retention/forecast-rows.ts';
import { nameOf } from '../retention/members.ts';

/** What is known of versions beside their forecast. */
export interface VersionFacts {
  /** `image@digest` → the needs that the version meets. */
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  /** `image@digest` → details. */
  readonly details: ReadonlyMap<string, PageDetails>;
  readonly places: PagePlaces;
  /** Whether verdicts are known. */
  readonly isForecast: boolean;
}

export function describeVersion(publication: Publication, facts: VersionFacts): PageVersion {
  const { version, verdict, goesAt, parts } = publication;
  const { digest, tags, uploadedAt, members = [] } = version;
  return {
    digest,
    tag: tags.find(isImmutable),
    aliases: namesOf(version),
    published: version.isTimeUnknown === true ? undefined : formatDay(uploadedAt),
    bytes: sizeOf(parts),
    platforms: members.flatMap((member) =>
      member.platform === undefined ? [] : { platform: member.platform, digest: member.digest },
    ),
    verdict: facts.isForecast ? verdict : 'unknown',
    goesAt: goesAt && formatDay(goesAt),
    reasons: describeReasons(publication, facts),
    details: facts.details.get(nameOf(version)),
  };
}

/** The branches that need the version, or its image for a platform, before all else. */
function describeReasons(
  { version, goesAt, reasons, parts }: Publication,
  { needs, places }: VersionFacts,
): readonly PageReason[] {
  const named = parts.flatMap((part) => needs.get(nameOf(part.version)) ?? []);
  const branches = named.map((need): PageReason => {
    const { source, branch } = need.branch;
    const [first, ...others] = need.places;
    return {
      text: 'needed by',
      branch: { source, branch },
      place: first && places.ofBranch(need.branch, first),
      otherPlaces: others.length > 0 ? others.length : undefined,
    };
  });
  const since: Partial<Record<Reason['kind'], Date | undefined>> = {
    grace: newest(version.tags.flatMap((tag) => markedAt(tag) ?? [])),
    window: version.uploadedAt,
    expired: goesAt,
  };
  const others = reasons.map(({ kind, text }): PageReason => {
    const date = since[kind];
    // The page has that day beside the version.
    return { text: text.replace(/ \(goes on [^)]*\)$/, ''), since: date && formatDay(date) };
  });
  const isNamed = branches.length > 0;
  return [...branches, ...others.filter((_, at) => !isNamed || reasons[at]?.kind !== 'branch')];
}

function newest(dates: readonly Date[]): Date | undefined {
  return dates.toSorted((a, b) => b.getTime() - a.getTime())[0];
}
