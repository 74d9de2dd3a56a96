import { dayAfter } from './days.ts';
import { compareTexts } from '../compare-texts.ts';
import { formatDay } from '../dates.ts';
import { LATEST } from '../image-reference.ts';
import { isAttachment, isLone, ownerFinder } from '../retention/attachments.ts';
import { forecastRows } from '../retention/forecast-rows.ts';
import type { Forecast, VersionForecast } from '../retention/forecast.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';

/** A version that people pull, with all that belongs to it. */
export interface Publication extends VersionForecast {
  /** The version first; then its members and attachments, and theirs. */
  readonly parts: readonly VersionForecast[];
}

/** The publications of each image, the newest first. */
export function publicationsByImage(
  versions: readonly VersionForecast[],
): ReadonlyMap<string, readonly Publication[]> {
  const ownersOf = ownerFinder(versions.map(({ version }) => version));
  const pairs = versions.flatMap((part) =>
    ownersOf(part.version).map((owner) => ({ owner, part })),
  );
  const partsOf = Map.groupBy(pairs, ({ owner }) => owner);
  const publications = forecastRows(versions, versions)
    .filter(({ version }) => !isAttachment(version) && !isLone(version))
    .map((row): Publication => {
      const { version, verdict, goesAt, reasons } = row;
      const others = partsOf.get(version)?.map(({ part }) => part) ?? [];
      return { version, verdict, goesAt, reasons, parts: [row, ...others] };
    })
    .toSorted(newestFirst);
  return Map.groupBy(publications, ({ version }) => version.packageName);
}

/** Orders publications whose time is unknown last, with `latest` as the first of them. */
function newestFirst({ version: a }: VersionForecast, { version: b }: VersionForecast): number {
  const isLatest = ({ tags }: HeldVersion) => Number(tags.includes(LATEST));
  return (
    b.uploadedAt.getTime() - a.uploadedAt.getTime() ||
    isLatest(b) - isLatest(a) ||
    compareTexts(a.digest, b.digest)
  );
}

/** The day of the clean-up that deletes a version, which is none before tomorrow's. */
export function lastDay({ goesAt }: VersionForecast, today: string): string | undefined {
  if (goesAt === undefined) return undefined;
  const [day, tomorrow] = [formatDay(goesAt), dayAfter(today)];
  return day < tomorrow ? tomorrow : day;
}

/** What the clean-ups before a day leave of the versions that are there today. */
export function withoutDeleted(
  versions: readonly VersionForecast[],
  { today, day }: { readonly today: string; readonly day: string },
): readonly VersionForecast[] {
  return versions.filter((version) => (lastDay(version, today) ?? day) >= day);
}

/** Versions whose future is not known, since not all branches could be read. */
export function withoutForecast(
  versions: readonly HeldVersion[],
): Pick<Forecast, 'versions' | 'resolved' | 'missing' | 'endangered' | 'unpublished' | 'threats'> {
  const text = 'not all branches could be read';
  return {
    versions: versions.map((version) => {
      return { version, verdict: 'keep', goesAt: undefined, reasons: [{ kind: 'unknown', text }] };
    }),
    resolved: new Map(),
    missing: [],
    endangered: [],
    unpublished: [],
    threats: [],
  };
}
