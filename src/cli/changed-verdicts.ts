import type { Forecast, VersionForecast } from '../retention/forecast.ts';

/** What of `after` is another verdict, or comes at another time, than in `before`. */
export function changedVerdicts(before: Forecast, after: Forecast): Forecast {
  const versions = after.versions.filter((version, position) =>
    isOther(before.versions[position], version),
  );
  return { ...after, versions };
}

function isOther(before: VersionForecast | undefined, after: VersionForecast): boolean {
  return before?.verdict !== after.verdict || before.goesAt?.getTime() !== after.goesAt?.getTime();
}
