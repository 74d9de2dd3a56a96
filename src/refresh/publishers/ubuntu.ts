import { listed } from './lists.ts';
import { newestFolder } from './newest-folder.ts';
import { gone, isUnfinished, splitUrl, type Publisher } from './publisher.ts';
import { published, sumsAt } from './sums.ts';

const SUMS = 'SHA256SUMS';

/** The newest build beside the pinned one: a daily build, or a release. */
const newestBeside = newestFolder(/^(?:release-)?\d{8}(?:\.\d+)?$/, () => SUMS);

/**
 * Ubuntu's cloud images, of cloud-images.ubuntu.com: releases as
 * `.../releases/noble/release-20240423/ubuntu-24.04-server-cloudimg-amd64.img`, and daily builds as
 * `.../noble/20260323/noble-server-cloudimg-amd64.img`, beside `SHA256SUMS`.
 *
 * Ubuntu keeps releases, and deletes daily builds after some months. So a daily build stays until there is a
 * release that is not older, and moves to that one; to any release if it is deleted before. Only a series without
 * releases stays with daily builds.
 */
export const ubuntu: Publisher = async (pinned, publishers) => {
  const { fetchText } = publishers;
  const release = ubuntuRelease(pinned.url, pinned.releases[0]?.version ?? '');
  if (release === undefined) return newestBeside(pinned, publishers);
  const { series, date, urlOf } = release;
  const isRelease = (name: string) => /^release-\d{8}(?:\.\d+)?$/.test(name);
  const list = await unlessUnfinished(listed(series, fetchText, 'release-20260826', isRelease));
  if (list === undefined) return newestBeside(pinned, publishers);
  const newestSince = (day: string) =>
    unlessUnfinished(newestBeside({ ...pinned, url: urlOf(day) }, publishers));
  const newer = await newestSince(dayBefore(date));
  if (newer !== undefined) return newer;
  const sums = await unlessUnfinished(
    sumsAt(`${splitUrl(pinned.url)?.folder ?? ''}${SUMS}`, fetchText),
  );
  if (sums !== undefined) return published(pinned.url, sums, pinned);
  const any = await newestSince(FIRST_DAY);
  if (any === undefined) throw gone(pinned.url);
  return any;
};

/** `undefined` where nothing is, or nothing whole. */
async function unlessUnfinished<Result>(lookup: Promise<Result>): Promise<Result | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (!isUnfinished(error)) throw error;
    return undefined;
  }
}

/** Before every build. */
export const FIRST_DAY = '00000000';

/** A date after every build of the day before, and before a release of the same day. No build has this name. */
function dayBefore(date: string): string {
  return `${String(Number(date.slice(0, 8)) - 1).padStart(8, '0')}.999999`;
}

interface UbuntuRelease {
  /** The folder of all releases of the series, with a slash at its end. */
  readonly series: string;
  /** The date of the daily build; `FIRST_DAY` for the address that moves. */
  readonly date: string;
  readonly urlOf: (date: string) => string;
}

/** Where the daily build at a URL is released, as is `current`; `undefined` for every other URL. */
export function ubuntuRelease(url: string, version: string): UbuntuRelease | undefined {
  const { folder = '', file = '' } = splitUrl(url) ?? {};
  const [, site = '', codename = '', date = ''] =
    /^(https?:\/\/[^/]+\/(?:minimal\/)?)(?:daily\/(?:server\/)?)?([a-z]+)\/(\d{8}(?:\.\d+)?|current)\/$/.exec(
      folder,
    ) ?? [];
  const [number] = /^\d\d\.\d\d/.exec(version) ?? [];
  if (codename === '' || number === undefined || !file.startsWith(`${codename}-`)) return undefined;
  const series = `${site}releases/${codename}/`;
  const name = `ubuntu-${number}${file.slice(codename.length)}`;
  const urlOf = (day: string) => `${series}release-${day}/${name}`;
  return { series, date: date === 'current' ? FIRST_DAY : date, urlOf };
}
