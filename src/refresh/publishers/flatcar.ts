import { newestFolder } from './newest-folder.ts';
import type { Publisher } from './publisher.ts';

/**
 * Flatcar's images of a channel, of `stable.release.flatcar-linux.net` and the like:
 * `.../amd64-usr/4081.2.1/flatcar_production_kubevirt_image.qcow2`, each beside a `.DIGESTS` of its own
 * (flatcar.org/docs, "Notes for distributors"). The release, the first number, is in the catalog's version.
 */
export const flatcar: Publisher = newestFolder({
  build: /^\d+\.\d+\.\d+$/,
  sumsFor: (file) => `${file}.DIGESTS`,
});
