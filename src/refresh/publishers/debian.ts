import { newestFolder } from './newest-folder.ts';
import type { Publisher } from './publisher.ts';

/**
 * Debian's cloud images, of cloud.debian.org or cdimage.debian.org:
 * `.../cloud/bookworm/20230612-1409/debian-12-generic-amd64-20230612-1409.qcow2` beside `SHA512SUMS`, and
 * the daily ones in the same way (cloud.debian.org/images/cloud, "Directory structure").
 */
export const debian: Publisher = newestFolder({
  build: /^\d{8}-\d+$/,
  sumsFor: () => 'SHA512SUMS',
});
