import { listed } from './lists.ts';
import { firstWhole, isSameRelease, type Publisher, seriesOf, splitUrl } from './publisher.ts';
import { published, sumsAt } from './sums.ts';

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
 * Finds the newest build of publishers with a folder for each build, all in one list. The file name may
 * hold the build, too. `build` matches the whole name of such a folder; `sumsFor` names the checksum file
 * of a file in it.
 */
export function newestFolder(build: RegExp, sumsFor: (file: string) => string): Publisher {
  return async (pinned, { fetchText, isThere }) => {
    const { folder, file = '' } = splitUrl(pinned.url) ?? {};
    const [, parent = '', current = ''] = /^(.*[^/]\/)([^/]+)\/$/.exec(folder ?? '') ?? [];
    // All numbers of a folder's name count.
    const series = seriesOf(current, /\d+(?:\D+\d+)*/g);
    if (series === undefined || !build.test(current)) return undefined;
    const fileIn = (name: string) => file.replaceAll(current, name);
    const folders = await listed(parent, fetchText, current, (name) => build.test(name));
    const urlIn = (name: string) => `${parent}${name}/${fileIn(name)}`;
    const builds = folders.filter((name) => isSameRelease(pinned, urlIn(name)));
    return firstWhole(series.newestFirst(builds), isThere, async (name) => {
      const sums = await sumsAt(`${parent}${name}/${sumsFor(fileIn(name))}`, fetchText);
      return published(urlIn(name), sums, pinned);
    });
  };
}
