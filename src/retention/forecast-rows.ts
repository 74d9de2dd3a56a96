import { OF_A_VERSION, type Reason } from './explain-verdict.ts';
import type { VersionForecast } from './forecast.ts';
import { isMember, nameOf } from './members.ts';

/** A version, and what another config/ makes of it, where the two were compared. */
export interface ComparedVersion extends VersionForecast {
  readonly before?: VersionForecast;
}

/** A version that stands for itself: of an index, one row for all of it. */
export interface ForecastRow extends ComparedVersion {
  /** The platforms of the images that an index names, each once. */
  readonly platforms: readonly string[];
  /** The version, and all that it refers to, directly or through others. */
  readonly whole: readonly VersionForecast[];
}

/**
 * The rows for those of the versions that are `shown`. A member has none, unless something keeps it for its own sake,
 * such as a branch that names its digest.
 */
export function forecastRows(
  versions: readonly VersionForecast[],
  shown: readonly ComparedVersion[],
): readonly ForecastRow[] {
  const wholeOf = memberFinder(versions);
  return shown
    .filter(({ version, reasons }) => !isMember(version) || reasons.some(isOwn))
    .map((one) => {
      const whole = wholeOf(one);
      const members = whole.flatMap(({ version }) => version.members ?? []);
      const platforms = [...new Set(members.flatMap(({ platform }) => platform ?? []))];
      return { ...one, platforms, whole };
    });
}

function isOwn({ kind }: Reason): boolean {
  return OF_A_VERSION.includes(kind);
}

/** Finds what a version refers to, after the version itself. */
function memberFinder(versions: readonly VersionForecast[]) {
  const pairs = versions.flatMap((member) =>
    (member.version.indexes ?? []).map((digest) => {
      return { index: nameOf({ ...member.version, digest }), member };
    }),
  );
  const membersOf = Map.groupBy(pairs, ({ index }) => index);
  return (index: VersionForecast): readonly VersionForecast[] => {
    const whole = new Set<VersionForecast>();
    const add = (one: VersionForecast): void => {
      if (whole.has(one)) return;
      whole.add(one);
      for (const { member } of membersOf.get(nameOf(one.version)) ?? []) add(member);
    };
    add(index);
    return [...whole];
  };
}

/** `bytesFreed` is an upper limit: layers that other versions share stay, and members may be younger than their index. */
export function totalsOf(rows: readonly ForecastRow[]) {
  const isGoing = ({ verdict }: VersionForecast) => verdict === 'delete';
  const versions = rows.flatMap(({ whole }) => whole);
  return {
    versions: rows.length,
    bytes: sizeOf(versions),
    deleted: rows.filter(isGoing).length,
    bytesFreed: sizeOf(versions.filter(isGoing)),
  };
}

/** Counts once each version, and each blob that several are known to share. */
export function sizeOf(versions: readonly VersionForecast[]): number {
  const sizes = versions.flatMap(({ version }) =>
    (version.blobs ?? [{ digest: nameOf(version), size: version.sizeBytes }]).map(
      ({ digest, size }) => [digest, size] as const,
    ),
  );
  return [...new Map(sizes).values()].reduce((sum, size) => sum + size, 0);
}
