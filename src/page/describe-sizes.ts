import type { PageCleanUp, PageData } from './page-data.ts';
import { lastDay, type Publication } from './publications.ts';
import { formatDay } from '../dates.ts';
import type { VersionForecast } from '../retention/forecast.ts';
import { nameOf } from '../retention/members.ts';

/** How long something is there: `until` is absent where no clean-up deletes it. */
interface Stay {
  readonly bytes: number;
  readonly from: string | undefined;
  readonly until: string | undefined;
}

/** The size of all versions by day, each blob that several are known to share counted once. */
export function describeSizes(
  versions: readonly VersionForecast[],
  day: string,
): PageData['sizes'] {
  const stays = staysOf(versions, day);
  const days = [...stays.values()].flatMap(({ from }) => from ?? []);
  const first = days.reduce((earliest, each) => (each < earliest ? each : earliest), day);
  const changes = new Map([[day, 0]]);
  for (const { bytes, from = first, until } of stays.values()) {
    const begin = from < day ? from : day;
    changes.set(begin, (changes.get(begin) ?? 0) + bytes);
    if (until !== undefined) changes.set(until, (changes.get(until) ?? 0) - bytes);
  }
  let bytes = 0;
  return [...changes.keys()].toSorted().map((each) => {
    bytes += changes.get(each) ?? 0;
    return { day: each, bytes };
  });
}

/** The stay of each blob, or of the whole version where its blobs are not known. */
function staysOf(versions: readonly VersionForecast[], day: string) {
  const stays = new Map<string, Stay>();
  for (const one of versions) {
    const { version } = one;
    const from = version.isTimeUnknown === true ? undefined : formatDay(version.uploadedAt);
    const until = lastDay(one, day);
    const blobs = version.blobs ?? [{ digest: nameOf(version), size: version.sizeBytes }];
    for (const { digest, size } of blobs) {
      const known = stays.get(digest);
      stays.set(digest, {
        bytes: size,
        from:
          known?.from !== undefined && (from === undefined || known.from < from)
            ? known.from
            : from,
        until: known === undefined ? until : later(known.until, until),
      });
    }
  }
  return stays;
}

/** The later of two days, of which `undefined` never comes. */
function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  return a > b ? a : b;
}

/** The first clean-up that frees something, by the sizes of `describeSizes`. */
export function describeCleanUp(
  publications: Iterable<readonly Publication[]>,
  sizes: PageData['sizes'],
  day: string,
  isDryRun: boolean,
): PageCleanUp {
  const days = [...publications].flat().flatMap((each) => lastDay(each, day) ?? []);
  const at = sizes.findIndex((each, position) => {
    return each.day > day && each.bytes < (sizes[position - 1]?.bytes ?? 0);
  });
  const [before, after] = [sizes[at - 1], sizes[at]];
  if (before === undefined || after === undefined) return { isDryRun };
  const versions = days.filter((each) => each === after.day).length;
  return {
    isDryRun,
    next: { day: after.day, versions, bytes: before.bytes - after.bytes },
  };
}
