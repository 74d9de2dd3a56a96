import { byImage, totalsOf } from './forecast-totals.ts';
import type { Forecast, VersionForecast } from '../retention/forecast.ts';

/** A forecast with what a reader must know to judge it. */
export interface SettledForecast {
  readonly forecast: Forecast;
  readonly at: Date;
  /** Whether the clean-up only logs. */
  readonly dryRun: boolean;
}

/** A JSON object, with the policies that `up` would set; times are RFC 3339 in UTC, sizes bytes, and `goesAt` is null for what never goes. */
export function formatForecastAsJson(
  { forecast, at, dryRun }: SettledForecast,
  warnings: readonly string[],
): string {
  const images = byImage(forecast.versions).map(([image, versions]) => {
    return { image, ...totalsOf(versions), entries: versions.map(entryOf) };
  });
  const missing = forecast.missing.map(({ need: { branch, image, tag, places } }) => {
    const { source, branch: name } = branch;
    return { source, branch: name, image, tag: tag ?? null, places };
  });
  const totals = totalsOf(forecast.versions);
  const { policies } = forecast;
  return JSON.stringify({ at, dryRun, totals, images, missing, warnings, policies }, null, 2);
}

function entryOf({ version, verdict, goesAt, reasons }: VersionForecast) {
  const { digest, tags, sizeBytes, uploadedAt } = version;
  return { digest, tags, sizeBytes, uploadedAt, verdict, goesAt: goesAt ?? null, reasons };
}
