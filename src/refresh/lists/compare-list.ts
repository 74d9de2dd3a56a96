import type { ListedDisk, ListPlace, ParsedList } from './kubespray-list.ts';
import { defaultName, releaseOfKey } from './release-of-key.ts';
import { isSameFile, namesVersion } from '../../catalog/disk-url.ts';
import type { ImportOrigin } from '../../catalog/image.ts';
import type { Problem } from '../../problem.ts';
import { quote } from '../../yaml/wording.ts';
import type { CatalogEdit, IsChosen } from '../edits.ts';
import { isNewerBuild } from '../publishers/publisher.ts';
import { isDisk, type DiskPins, type ImagePins, type Written } from '../read-pins.ts';

/** How a catalog differs from a list. */
export interface ListDifferences {
  /** Disks of the list that the catalog does not have. */
  readonly added: readonly ListedDisk[];
  /** What makes the others equal, and marks what is gone from the list. */
  readonly edits: readonly CatalogEdit[];
  /** Names of the list's disks that the catalog declares in another way, and names that only the catalog has. */
  readonly declaredOtherwise: readonly string[];
  readonly onlyInCatalog: readonly string[];
  /** Names of disks whose URL in the list moves: any build that the catalog has is right. */
  readonly moving: readonly string[];
  /** Names of disks of which the list has an older build. */
  readonly older: readonly string[];
  readonly problems: readonly Problem[];
}

export interface CompareOptions {
  readonly isChosen: IsChosen;
  /** Whether the catalog's build stays where it is newer than that of the list. */
  readonly keepNewer: boolean;
}

const LISTED: ImportOrigin = 'kubespray';
export const GONE: ImportOrigin = 'kubespray (gone)';

/** Compares the disks of a catalog, which is valid, with those of a list without problems. */
export function compareList(
  pins: readonly ImagePins[],
  list: ParsedList,
  { isChosen, keepNewer }: CompareOptions,
): ListDifferences {
  const byName = Map.groupBy(pins, ({ name }) => name);
  const listed = list.disks.filter(({ name }) => isChosen(name));
  const edits: CatalogEdit[] = [];
  const problems: Problem[] = [];
  const declaredOtherwise: string[] = [];
  const moving: string[] = [];
  const older: string[] = [];
  for (const disk of listed) {
    const all = byName.get(disk.name);
    if (all === undefined) continue;
    const pinned = all.find(isAmd64Disk);
    if (pinned === undefined) {
      declaredOtherwise.push(disk.name);
      continue;
    }
    edits.push(...setOrigin(pinned, GONE, LISTED));
    if (disk.moving !== undefined) {
      moving.push(disk.name);
      continue;
    }
    const isOlder = isNewerBuild(pinned.url.value, disk.url);
    if (isOlder) older.push(disk.name);
    if (!isOlder || !keepNewer) compareDisk(pinned, disk, edits, problems);
  }
  const names = new Set(list.disks.map(({ name }) => name));
  const others = pins.filter(({ name, url }) => url !== undefined && !names.has(name));
  const notExcepted = others.filter(
    ({ name }) => isChosen(name) && !list.except.some((key) => name === `vm-${key}`),
  );
  for (const pinned of notExcepted) edits.push(...setOrigin(pinned, LISTED, GONE));
  const own = others.filter(({ importedFrom }) => importedFrom === undefined);
  return {
    added: listed.filter(({ name }) => !byName.has(name)),
    edits: withoutRepeats(edits),
    declaredOtherwise,
    onlyInCatalog: [...new Set(own.map(({ name }) => name))],
    moving,
    older,
    problems: [...problems, ...sharedValues(edits, pins)],
  };
}

function isAmd64Disk(image: ImagePins): image is DiskPins {
  return isDisk(image) && image.platforms[0]?.startsWith('linux/amd64') === true;
}

function compareDisk(
  pinned: DiskPins,
  { key, name, url, checksum, packing, format, at }: ListedDisk,
  edits: CatalogEdit[],
  problems: Problem[],
): void {
  const add = (code: string, place: ListPlace, problem: string, remedy: string) =>
    problems.push({ code, ...place, problem, remedy });
  const isSameUrl = pinned.url.value === url;
  const isSameSum = pinned.checksum.value === checksum;
  if (isSameUrl && isSameSum) return;
  if (isSameSum && !isSameFile(pinned.url.value, url)) {
    const problem = `the address is another build's, and this is still the checksum of ${quote(pinned.url.value)}`;
    const remedy = `take the checksum that is published with ${quote(url)}`;
    add('CHECKSUM_STAYED', at.checksum, problem, remedy);
    return;
  }
  const isOther = pinned.packing !== packing || (format !== undefined && pinned.format !== format);
  if (isOther) {
    const form = [packing ?? 'not packed', format ?? pinned.format].join(', ');
    const problem = `the file is ${form}, and that of ${name} was not`;
    const remedy = 'write its url, checksum, packing and format into the catalog by hand';
    add('URL_OTHER_PACKING', at.url, problem, remedy);
    return;
  }
  const inVersion = editVersion(pinned, key, url);
  if (inVersion === undefined) {
    const problem = `the address is of another version than ${pinned.distribution} ${pinned.version}, or does not say so`;
    const remedy = `name a file of ${key}, or write version, url and checksum of ${name} into the catalog by hand`;
    add('URL_OTHER_VERSION', at.url, problem, remedy);
    return;
  }
  edits.push(...inVersion);
  if (!isSameUrl) edits.push(edit('url', pinned, pinned.url, url));
  if (!isSameSum) edits.push(edit('checksum', pinned, pinned.checksum, checksum));
}

/** The edit of a version that the new URL does not name; `undefined` where the name would not stay. */
function editVersion(
  pinned: DiskPins,
  key: string,
  url: string,
): readonly CatalogEdit[] | undefined {
  const { name, distribution, version, versionAt } = pinned;
  if (namesVersion(url, distribution, version)) return [];
  const release = releaseOfKey(key, url);
  if (release?.distribution !== distribution || versionAt === undefined) return undefined;
  const isNamed = defaultName({ distribution, version }) !== name;
  if (!isNamed && defaultName(release) !== name) return undefined;
  return [edit('version', pinned, versionAt, release.version)];
}

function setOrigin(pinned: ImagePins, from: ImportOrigin, to: ImportOrigin): CatalogEdit[] {
  const { importedFrom } = pinned;
  return importedFrom?.value === from ? [edit('importedFrom', pinned, importedFrom, to)] : [];
}

const WHY: Partial<Record<CatalogEdit['kind'], string>> = {
  url: 'the list has another',
  checksum: 'the list has another',
  version: 'of the new address',
};

function edit(
  kind: CatalogEdit['kind'],
  { name }: ImagePins,
  written: Written,
  to: string,
): CatalogEdit {
  const isBack = kind === 'importedFrom' && to === LISTED;
  const why = WHY[kind] ?? (isBack ? 'the list has it again' : 'the list has it no longer');
  return { kind, written, replacement: to, from: written.value, to, images: [name], why };
}

/** One edit for each place: a disk for several platforms has one origin, and an alias one value. */
function withoutRepeats(edits: readonly CatalogEdit[]): readonly CatalogEdit[] {
  return [...Map.groupBy(edits, ({ written }) => written.start).values()].flatMap((same) => {
    const images = [...new Set(same.flatMap((each) => each.images))];
    return same.slice(0, 1).map((first) => ({ ...first, images }));
  });
}

/** A value that other images have by an alias would change for them too. */
function sharedValues(
  edits: readonly CatalogEdit[],
  pins: readonly ImagePins[],
): readonly Problem[] {
  const users = new Map<number, Set<string>>();
  for (const { name, url, checksum, importedFrom, versionAt } of pins) {
    for (const written of [url, checksum, importedFrom, versionAt]) {
      if (written === undefined) continue;
      users.set(written.start, (users.get(written.start) ?? new Set()).add(name));
    }
  }
  return edits.flatMap(({ kind, written: { start, line, column, path }, images, to }) => {
    const others = [...(users.get(start) ?? [])].filter((name) => !images.includes(name));
    // The others may change to the same value.
    const stay = others.filter(
      (name) =>
        !edits.some(
          (each) => each.written.start === start && each.images.includes(name) && each.to === to,
        ),
    );
    if (stay.length === 0) return [];
    const problem = `the ${kind} of ${images.join(', ')} is that of ${stay.join(', ')} as well`;
    const remedy = 'write it out for each of them, and import again';
    return [{ code: 'SHARED_WITH_OTHERS', line, column, path, problem, remedy }];
  });
}
