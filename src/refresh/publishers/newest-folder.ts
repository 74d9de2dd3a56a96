import { newestOf, splitBuild } from './build-name.ts';
import { isSameRelease } from './is-same-release.ts';
import { placeOf } from './place-of.ts';
import { listed, published, requireBuilds, sumsAt } from './published.ts';
import type { Ask, PinnedDisk, Publisher, PublishedDisk } from './publisher.ts';

/** A publisher that gives each build a folder of its own, beside those of the others. */
interface FolderLayout {
  /** What such a folder is called, the whole of its name. */
  readonly build: RegExp;
  /** The checksum file in such a folder, for a file in it. */
  readonly sumsFor: (file: string) => string;
}

/** Finds the newest build in a list of folders; the file in it may have the build in its name as well. */
export function newestFolder({ build, sumsFor }: FolderLayout): Publisher {
  return (pinned, ask) => {
    const place = placeOf(pinned.url);
    const [, parent, current] = /^(.*\/)?([^/]+)\/$/.exec(place?.folder ?? '') ?? [];
    if (place === undefined || current === undefined || !build.test(current)) return undefined;
    return find(
      { parent: `${place.origin}${parent ?? ''}`, current, file: place.file },
      pinned,
      ask,
    );
  };

  async function find(
    { parent, current, file }: { parent: string; current: string; file: string },
    pinned: PinnedDisk,
    ask: Ask,
  ): Promise<PublishedDisk> {
    const urlOf = (folder: string) => `${parent}${folder}/${file.replaceAll(current, folder)}`;
    const folders = (await listed(parent, ask)).filter((folder) => build.test(folder));
    requireBuilds(folders, parent, current);
    const own = nameOf(current);
    const newest = newestOf(
      own,
      folders.filter((folder) => isSameRelease(pinned, urlOf(folder))).map(nameOf),
    );
    const url = urlOf(newest.text);
    const place = `${parent}${newest.text}/${sumsFor(url.slice(url.lastIndexOf('/') + 1))}`;
    return published(url, { text: await sumsAt(place, ask), place }, pinned);
  }
}

/** All of a folder's numbers count. */
function nameOf(folder: string) {
  const name = splitBuild(folder, /\d+(?:\D+\d+)*/g);
  if (name === undefined) throw new Error(`${folder} has no number: this is a bug`);
  return name;
}
