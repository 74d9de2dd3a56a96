import type { VersionForecast } from '../retention/forecast.ts';

/** How much there is of some versions, and how much of it goes. */
export interface ForecastTotals {
  readonly versions: number;
  readonly bytes: number;
  readonly deleted: number;
  /** At most: layers that other versions share stay. */
  readonly bytesFreed: number;
}

export function totalsOf(versions: readonly VersionForecast[]): ForecastTotals {
  const deleted = versions.filter(({ verdict }) => verdict === 'delete');
  return {
    versions: versions.length,
    bytes: sizeOf(versions),
    deleted: deleted.length,
    bytesFreed: sizeOf(deleted),
  };
}

function sizeOf(versions: readonly VersionForecast[]): number {
  return versions.reduce((sum, { version }) => sum + version.sizeBytes, 0);
}

/** The versions of each image, by the image's name; the newest first. */
export function byImage(
  versions: readonly VersionForecast[],
): readonly (readonly [image: string, versions: readonly VersionForecast[]])[] {
  const groups = Map.groupBy(versions, ({ version }) => version.packageName);
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([image, all]) => [
      image,
      all.toSorted((a, b) => b.version.uploadedAt.getTime() - a.version.uploadedAt.getTime()),
    ]);
}
