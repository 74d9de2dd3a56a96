import { listed, published, requireBuilds, sumsAt } from './published.ts';
import { isSameRelease, newestOf, placeOf, splitBuild, type Publisher } from './publisher.ts';

/**
 * Debian's cloud images, of cloud.debian.org or cdimage.debian.org:
 * `.../cloud/bookworm/20230612-1409/debian-12-generic-amd64-20230612-1409.qcow2` beside `SHA512SUMS`, and
 * the daily ones in the same way (cloud.debian.org/images/cloud, "Directory structure").
 */
export const debian = newestFolder(/^\d{8}-\d+$/, () => 'SHA512SUMS');

/**
 * Flatcar's images of a channel, of `stable.release.flatcar-linux.net` and the like:
 * `.../amd64-usr/4081.2.1/flatcar_production_kubevirt_image.qcow2`, each beside a `.DIGESTS` of its own
 * (flatcar.org/docs, "Notes for distributors"). The catalog's version is the first number.
 */
export const flatcar = newestFolder(/^\d+\.\d+\.\d+$/, (file) => `${file}.DIGESTS`);

/**
 * Ubuntu's cloud images, of cloud-images.ubuntu.com: daily ones as
 * `.../noble/20260323/noble-server-cloudimg-amd64.img`, and released ones as
 * `.../releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img`, beside `SHA256SUMS`.
 */
export const ubuntu = newestFolder(/^(?:release-)?\d{8}(?:\.\d+)?$/, () => 'SHA256SUMS');

/**
 * Finds the newest build of publishers with a folder for each build, all in one list. The file name may
 * hold the build, too. `build` matches the whole name of such a folder; `sumsFor` names the checksum file
 * of a file in it.
 */
function newestFolder(build: RegExp, sumsFor: (file: string) => string): Publisher {
  return async (pinned, ask) => {
    const place = placeOf(pinned.url);
    const [, above = '', current] = /^(.*\/)?([^/]+)\/$/.exec(place?.folder ?? '') ?? [];
    if (place === undefined || current === undefined || !build.test(current)) return undefined;
    const parent = place.origin + above;
    const urlOf = (folder: string) =>
      `${parent}${folder}/${place.file.replaceAll(current, folder)}`;
    const folders = (await listed(parent, ask)).filter((folder) => build.test(folder));
    requireBuilds(folders, parent, current);
    const candidates = folders.filter((folder) => isSameRelease(pinned, urlOf(folder)));
    const newest = newestOf(nameOf(current), candidates.map(nameOf)).text;
    const url = urlOf(newest);
    const sums = `${parent}${newest}/${sumsFor(url.slice(url.lastIndexOf('/') + 1))}`;
    return published(url, { text: await sumsAt(sums, ask), place: sums }, pinned);
  };
}

/** All numbers of a folder's name count. */
function nameOf(folder: string) {
  const name = splitBuild(folder, /\d+(?:\D+\d+)*/g);
  if (name === undefined) throw new Error(`${folder} has no number: this is a bug`);
  return name;
}
