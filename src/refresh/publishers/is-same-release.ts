import { namesVersion } from '../../catalog/names-version.ts';
import type { PinnedDisk } from './publisher.ts';

/** Whether a URL is of the release that every image with the pinned disk is declared as. */
export function isSameRelease({ releases }: Pick<PinnedDisk, 'releases'>, url: string): boolean {
  return releases.every(({ distribution, version }) => namesVersion(url, distribution, version));
}
