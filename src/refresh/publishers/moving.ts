import { findDisk, type FoundDisk } from './find-disks.ts';
import { PublisherError, type Publishers, type Release } from './publisher.ts';
import { FIRST_DAY, ubuntuRelease } from './ubuntu.ts';
import { parseChecksum } from '../../catalog/image.ts';

type Rewrite = (url: string, release: Release) => string;

/**
 * Distribution → how an address that moves is written for a build that is older than any. From there, its publisher
 * finds the newest build.
 */
const OLDEST: Readonly<Record<string, readonly Rewrite[]>> = {
  almalinux: [(url) => url.replace(/-latest(?=\.[a-z0-9_]+\.qcow2$)/, `-0.0-${FIRST_DAY}`)],
  debian: [
    (url) => url.replace(/\/latest\/([^/]+)(\.[a-z0-9]+)$/, `/${FIRST_DAY}-0/$1-${FIRST_DAY}-0$2`),
  ],
  flatcar: [(url) => url.replace('/current/', '/0.0.0/')],
  'opensuse-leap': [
    (url) =>
      url.replace(
        /(\.[a-z0-9_]+-)((?:[A-Za-z]+-)*[A-Za-z]+)(\.qcow2)$/,
        (_, before, flavour, after) => `${before}0.0-${flavour}-Build0${after}`,
      ),
  ],
  rockylinux: [(url) => url.replace(/[-.]latest(?=\.[a-z0-9_]+\.qcow2$)/, `-0.0-${FIRST_DAY}.0`)],
  ubuntu: [
    (url, { version }) => ubuntuRelease(url, version)?.urlOf(FIRST_DAY) ?? url,
    (url) => url.replace(/(\/releases\/[^/]+\/release)\//, `$1-${FIRST_DAY}/`),
  ],
};

/** The checksum of a build that there is not. */
const NONE = parseChecksum(`sha256:${'0'.repeat(64)}`);

/** Finds the newest build of what an address names that moves, such as `.../noble/current/...`. */
export async function findNewest(
  url: string,
  release: Release,
  publishers: Publishers,
): Promise<FoundDisk> {
  const rewritten = (OLDEST[release.distribution] ?? []).map((rewrite) => rewrite(url, release));
  const oldest = rewritten.find((each) => each !== url);
  if (oldest === undefined || NONE === undefined) return 'not followed';
  const pinned = { url: oldest, checksum: NONE, releases: [release] };
  const found = await findDisk(pinned, publishers);
  if (typeof found === 'string' || !('failure' in found)) return found;
  const { code, problem, remedy } = found.failure;
  // The oldest build is nobody's: an error about it says that there is no other.
  if (!problem.includes(FIRST_DAY) && !problem.includes(oldest)) return found;
  const none = `no build is published beside ${url}`;
  return { failure: new PublisherError(code, none, remedy) };
}
