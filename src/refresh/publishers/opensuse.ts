import { newestOf, splitBuild, type BuildName } from './build-name.ts';
import { isSameRelease } from './is-same-release.ts';
import { placeOf } from './place-of.ts';
import { listed, published, requireBuilds, sumsAt } from './published.ts';
import type { Ask, PinnedDisk, Publisher, PublishedDisk } from './publisher.ts';

/** `1.0.1` and `1.177` in `openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`. */
const BUILD = /(?<=\.[a-z0-9_]+-)\d+(?:\.\d+)+(?=-)|(?<=-Build)\d+(?:\.\d+)*(?=\.)/g;

/**
 * openSUSE's images, of download.opensuse.org:
 * `.../Leap_15.6/images/openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.177.qcow2`, each beside a `.sha256` of
 * its own. Its lists are drawn by a script in the browser, but for `?jsontable`, which a mirror ignores.
 */
export const opensuse: Publisher = (pinned, ask) => {
  const place = placeOf(pinned.url);
  const own = place && splitBuild(place.file, BUILD, 2);
  if (place === undefined || own === undefined) return undefined;
  return find(`${place.origin}${place.folder}`, own, pinned, ask);
};

async function find(
  folder: string,
  own: BuildName,
  pinned: PinnedDisk,
  ask: Ask,
): Promise<PublishedDisk> {
  const files = await listed(`${folder}?jsontable`, ask);
  const builds = files
    .flatMap((file) => splitBuild(file, BUILD, 2) ?? [])
    .filter(({ text, series }) => series === own.series && isSameRelease(pinned, folder + text));
  requireBuilds(builds, folder, own.text);
  const url = `${folder}${newestOf(own, builds).text}`;
  const place = `${url}.sha256`;
  return published(url, { text: await sumsAt(place, ask), place }, pinned);
}
