import type { Image } from './image.ts';
import { isSameFile } from './is-same-file.ts';
import type { CatalogEntry } from './parse-catalog.ts';
import { quote } from '../yaml/wording.ts';
import type { Problem } from '../problem.ts';

/**
 * What is wrong with the VM disks of a catalog, seen from what it was before: where a URL has become
 * that of another build and the checksum is still the old one's. The download would fail, or worse, be
 * found among those that are kept by their checksum. A file that has only moved is no mistake.
 */
export function checkChecksumChanges(
  before: readonly Image[],
  entries: readonly CatalogEntry[],
): readonly Problem[] {
  const disks = before.flatMap((image) => (image.kind === 'vm-disk' ? [image.source] : []));
  const urls = Map.groupBy(disks, ({ checksum }) => checksum);
  return entries.flatMap(({ image, checksumPlace }): readonly Problem[] => {
    if (image?.kind !== 'vm-disk' || checksumPlace === undefined) return [];
    const { url, checksum } = image.source;
    const earlier = urls.get(checksum) ?? [];
    const [first] = earlier;
    if (first === undefined || earlier.some((source) => isSameFile(source.url, url))) return [];
    const problem = `the address of ${image.name} is another build's, and this is still the checksum of ${quote(first.url)}`;
    const remedy = `take the checksum that is published with ${quote(url)}`;
    return [{ code: 'CHECKSUM_STAYED', ...checksumPlace, problem, remedy }];
  });
}
