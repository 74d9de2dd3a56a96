/**
 * The build argument `SOURCE_DATE_EPOCH`: seconds from 1970 to the snapshot's midnight, in UTC. Tools
 * write it instead of the present time, so that their output can be made again
 * (https://reproducible-builds.org/specs/source-date-epoch/). `snapshot` is a date of the catalog.
 */
export function sourceDateEpoch(snapshot: string): string {
  return String(Date.parse(`${snapshot}T00:00:00Z`) / 1000);
}
