import {
  type Change,
  type Kept,
  type Proposal,
  groupByPlace,
  sharedWithOthers,
} from './changes.ts';
import type { ImagePins, Written } from './read-pins.ts';
import { parseChecksum } from '../catalog/image.ts';
import type { FoundDisk } from './publishers/find-disks.ts';
import type { PinnedDisk, PublishedDisk } from './publishers/publisher.ts';

type IsChosen = (name: string) => boolean;

type DiskPins = ImagePins & { readonly url: Written; readonly checksum: Written };

/** The disks that the chosen images have, each URL once. */
export function wantedDisks(
  images: readonly ImagePins[],
  isChosen: IsChosen,
): readonly PinnedDisk[] {
  return disksByUrl(images, isChosen).flatMap(([url, users]) => {
    const checksum = parseChecksum(users[0]?.checksum.value ?? '');
    return checksum === undefined ? [] : [{ url, checksum, releases: users }];
  });
}

/** What becomes of the disks of the chosen images: URL and checksum change together, or neither does. */
export function refreshDisks(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  found: ReadonlyMap<string, FoundDisk>,
): Proposal & { readonly notFollowed: readonly string[] } {
  const groups = disksByUrl(images, isChosen).map(([url, users]) => {
    const answer = found.get(url);
    if (answer === undefined) throw new Error(`nobody looked up ${url}: this is a bug`);
    return { url, users, answer };
  });
  const taken = urlsByChecksum(images);
  const results = groups.map(({ url, users, answer }): Partial<Proposal> => {
    if ('isNotFollowed' in answer) return {};
    if ('failure' in answer) return { kept: [keptFor(users, answer.failure)] };
    const { newest } = answer;
    if (newest.url === url) return {};
    const other = taken.get(newest.checksum) ?? newest.url;
    if (other !== newest.url) return { kept: [keptFor(users, sameBuildAt(other))] };
    taken.set(newest.checksum, newest.url);
    return changeDisk(users, isChosen, newest);
  });
  return {
    changes: results.flatMap(({ changes = [] }) => changes),
    kept: results.flatMap(({ kept = [] }) => kept),
    notFollowed: groups.flatMap(({ answer, users }) =>
      'isNotFollowed' in answer ? users.map(({ name }) => name) : [],
    ),
  };
}

function changeDisk(
  users: readonly DiskPins[],
  isChosen: IsChosen,
  newest: PublishedDisk,
): Partial<Proposal> {
  const values = (['url', 'checksum'] as const).flatMap((kind) =>
    groupByPlace(users, isChosen, (image) => image[kind]).map((value) => ({ kind, ...value })),
  );
  const shared = values.find(({ isOthersToo }) => isOthersToo);
  if (shared !== undefined) return { kept: [keptFor(users, sharedWithOthers(shared, isChosen))] };
  const changes = values.map(({ kind, written, names }): Change => {
    const to = newest[kind];
    const why = kind === 'url' ? 'a newer build is published' : 'of the newer build';
    return { kind, written, replacement: to, from: written.value, to, why, images: names };
  });
  return { changes };
}

/** With the users of each: all that have it, if any of them is chosen. */
function disksByUrl(
  images: readonly ImagePins[],
  isChosen: IsChosen,
): readonly (readonly [string, readonly DiskPins[]])[] {
  const groups = Map.groupBy(images.filter(isDisk), ({ url }) => url.value);
  return [...groups].filter(([, users]) => users.some(({ name }) => isChosen(name)));
}

function isDisk(image: ImagePins): image is DiskPins {
  return image.url !== undefined && image.checksum !== undefined;
}

function urlsByChecksum(images: readonly ImagePins[]): Map<string, string> {
  return new Map(images.filter(isDisk).map(({ url, checksum }) => [checksum.value, url.value]));
}

type Reason = Pick<Kept, 'code' | 'problem' | 'remedy'>;

function keptFor(users: readonly DiskPins[], { code, problem, remedy }: Reason): Kept {
  const images = users.map(({ name }) => name);
  const written = users[0]?.url;
  return { kind: 'url', ...(written && { written }), images, code, problem, remedy };
}

/** The catalog would have one checksum at two addresses, which it refuses. */
function sameBuildAt(url: string): Reason {
  const problem = `the newest build is the one that another disk has from ${url}`;
  return { code: 'CHECKSUM_OF_OTHER_URL', problem, remedy: 'give both disks the same address' };
}
