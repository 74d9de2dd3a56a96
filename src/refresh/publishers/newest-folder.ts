import {
  newestOf,
  splitBuild,
  isSameRelease,
  placeOf,
  type Ask,
  type PinnedDisk,
  type Publisher,
  type PublishedDisk,
} from './publisher.ts';
import { listed, published, requireBuilds, sumsAt } from './published.ts';

/** A publisher that gives each build a folder of its own, beside those of the others. */
interface FolderLayout {
  /** What such a folder is called, the whole of its name. */
  readonly build: RegExp;
  /** The checksum file in such a folder, for a file in it. */
  readonly sumsFor: (file: string) => string;
}

/** Finds the newest build in a list of folders; the file in it may have the build in its name as well. */
function newestFolder({ build, sumsFor }: FolderLayout): Publisher {
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

/**
 * Debian's cloud images, of cloud.debian.org or cdimage.debian.org:
 * `.../cloud/bookworm/20230612-1409/debian-12-generic-amd64-20230612-1409.qcow2` beside `SHA512SUMS`, and
 * the daily ones in the same way (cloud.debian.org/images/cloud, "Directory structure").
 */
export const debian: Publisher = newestFolder({
  build: /^\d{8}-\d+$/,
  sumsFor: () => 'SHA512SUMS',
});

/**
 * Flatcar's images of a channel, of `stable.release.flatcar-linux.net` and the like:
 * `.../amd64-usr/4081.2.1/flatcar_production_kubevirt_image.qcow2`, each beside a `.DIGESTS` of its own
 * (flatcar.org/docs, "Notes for distributors"). The release, the first number, is in the catalog's version.
 */
export const flatcar: Publisher = newestFolder({
  build: /^\d+\.\d+\.\d+$/,
  sumsFor: (file) => `${file}.DIGESTS`,
});

/**
 * Ubuntu's cloud images, of cloud-images.ubuntu.com: daily ones as
 * `.../noble/20260323/noble-server-cloudimg-amd64.img`, and released ones as
 * `.../releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img`, beside `SHA256SUMS`.
 */
export const ubuntu: Publisher = newestFolder({
  build: /^(?:release-)?\d{8}(?:\.\d+)?$/,
  sumsFor: () => 'SHA256SUMS',
});
