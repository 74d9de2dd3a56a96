import {
  groupByPlace,
  sharedWithOthers,
  type IsChosen,
  type ValueOutcome,
  type KeptReason,
} from './edits.ts';
import { isDisk, type DiskPins, type ImagePins } from './read-pins.ts';
import { parseChecksum } from '../catalog/image.ts';
import type { FoundDisk } from './publishers/find-disks.ts';
import type { PinnedDisk, PublishedDisk } from './publishers/publisher.ts';

/** The disks of the chosen images, each URL once. */
export function wantedDisks(
  images: readonly ImagePins[],
  isChosen: IsChosen,
): readonly PinnedDisk[] {
  return disksByUrl(images, isChosen).flatMap(([url, users]) => {
    const checksum = parseChecksum(users[0]?.checksum.value ?? '');
    return checksum === undefined ? [] : [{ url, checksum, releases: users }];
  });
}

/** Pins the disks of the chosen images to the builds that were found. URL and checksum change together. */
export function refreshDisks(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  lookups: ReadonlyMap<string, FoundDisk>,
): readonly ValueOutcome[] {
  const urlOf = new Map(
    images.filter(isDisk).map(({ url, checksum }) => [checksum.value, url.value]),
  );
  return disksByUrl(images, isChosen).flatMap(([url, users]): readonly ValueOutcome[] => {
    const keep = (reason: KeptReason): readonly ValueOutcome[] => {
      const { code, problem, remedy } = reason;
      const names = users.map(({ name }) => name);
      return [{ kind: 'url', written: users[0]?.url, images: names, code, problem, remedy }];
    };
    const found = lookups.get(url);
    if (found === undefined) throw new Error(`there was no lookup of ${url}: this is a bug`);
    if (found === 'not followed') return [];
    if ('failure' in found) return keep(found.failure);
    if (found.newest.url === url) return [];
    const { newest } = found;
    const other = urlOf.get(newest.checksum) ?? newest.url;
    urlOf.set(newest.checksum, other);
    if (other !== newest.url) return keep(sameBuildAt(other));
    const edits = editDisk(users, isChosen, newest);
    return 'code' in edits ? keep(edits) : edits;
  });
}

function editDisk(
  users: readonly DiskPins[],
  isChosen: IsChosen,
  newest: PublishedDisk,
): readonly ValueOutcome[] | KeptReason {
  const values = (['url', 'checksum'] as const).flatMap((kind) =>
    groupByPlace(users, isChosen, (image) => image[kind]).map((value) => ({ kind, ...value })),
  );
  const shared = values.find(({ others }) => others.length > 0);
  if (shared !== undefined) return sharedWithOthers(shared);
  return values.map(({ kind, written, names }) => {
    const to = newest[kind];
    const why = kind === 'url' ? 'a newer build is published' : 'of the newer build';
    return { kind, written, replacement: to, from: written.value, to, why, images: names };
  });
}

/** All users of each URL that a chosen image has. */
function disksByUrl(
  images: readonly ImagePins[],
  isChosen: IsChosen,
): readonly (readonly [url: string, users: readonly DiskPins[]])[] {
  const groups = Map.groupBy(images.filter(isDisk), ({ url }) => url.value);
  return [...groups].filter(([, users]) => users.some(({ name }) => isChosen(name)));
}

/** A catalog with one checksum at two URLs is invalid. */
function sameBuildAt(url: string): KeptReason {
  const problem = `the newest build is the one that another disk has from ${url}`;
  return { code: 'CHECKSUM_OF_OTHER_URL', problem, remedy: 'give both disks the same address' };
}
