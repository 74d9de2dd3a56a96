import type { ListedDisk } from './kubespray-list.ts';
import { defaultName } from './release-of-key.ts';
import { InvalidInputError } from '../../problem.ts';
import { isMapping } from '../../yaml/check-mapping.ts';
import { nextLine, parseYaml } from '../../yaml/yaml-document.ts';
import type { CatalogEdit } from '../edits.ts';
import type { Release } from '../publishers/publisher.ts';

/** A disk that the catalog does not have yet. */
type NewDisk = ListedDisk & { readonly release: Release };

/** How much Kubespray adds to each disk. */
const GROWTH = '8G';

/**
 * The catalog's text with entries for these disks behind its last one, and no other change. Throws an
 * InvalidInputError (CATALOG_IN_BRACKETS) for a catalog whose images are not in lines of their own.
 */
export function addDisks(
  text: string,
  file: string,
  disks: readonly NewDisk[],
): { readonly text: string; readonly edits: readonly CatalogEdit[] } {
  if (disks.length === 0) return { text, edits: [] };
  const document = parseYaml(text, file);
  const { defaults, images } = isMapping(document.value) ? document.value : {};
  const all: readonly unknown[] = Array.isArray(images) ? images : [];
  const last = all.length - 1;
  const lines = text.split('\n');
  const { line, column } = document.positionOf(['images', last]);
  const [, indent] =
    /^( *)- +(?:[&!]\S+ +)*$/.exec((lines[line - 1] ?? '').slice(0, column - 1)) ?? [];
  if (indent === undefined) {
    const problem = 'the images are in brackets, with no lines to add others to';
    const remedy = 'write each of them in a line that begins with a dash, and import again';
    const place = { file, ...document.positionOf(['images']), path: 'images' };
    throw new InvalidInputError([{ code: 'CATALOG_IN_BRACKETS', ...place, problem, remedy }]);
  }
  const hasGrowth = isMapping(defaults) && defaults['enlargeBy'] !== undefined;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const entries = disks.map((disk) => entryOf(disk, hasGrowth).map((each) => indent + each));
  const at = nextLine(text, document.endOf(['images', last]));
  const before = text.slice(0, at);
  const isOpen = before !== '' && !before.endsWith('\n');
  const added = entries.map((entry) => `${end}${entry.join(end)}${end}`).join('');
  let next = before.split('\n').length + (isOpen ? 1 : 0);
  const edits = disks.map((disk, index): CatalogEdit => {
    const position = { line: next + 1, column: indent.length + 1 };
    next += 1 + (entries[index]?.length ?? 0);
    const written = {
      value: '',
      start: at,
      end: at,
      ...position,
      path: `images[${last + 1 + index}]`,
    };
    const to = `${disk.url} (${disk.checksum})`;
    const why =
      disk.moving === undefined ? 'new in the list' : 'new in the list, as the newest build';
    return { kind: 'disk', written, replacement: disk.name, to, images: [disk.name], why };
  });
  return { text: `${before}${isOpen ? end : ''}${added}${text.slice(at)}`, edits };
}

/** The lines of an entry, without the indentation of the list. */
function entryOf(
  { name, url, checksum, packing, format, release }: NewDisk,
  hasGrowth: boolean,
): readonly string[] {
  const { distribution, version } = release;
  const keys = [
    'kind: vm-disk',
    `distribution: ${distribution}`,
    ...(packing === undefined ? [] : [`packing: ${packing}`]),
    ...(format === undefined || format === 'qcow2' ? [] : [`format: ${format}`]),
    ...(hasGrowth ? [] : [`enlargeBy: ${GROWTH}`]),
    `version: ${JSON.stringify(version)}`,
    ...(defaultName(release) === name ? [] : [`name: ${name}`]),
    'importedFrom: kubespray',
    `url: ${scalar(url)}`,
    `checksum: ${checksum}`,
  ];
  return keys.map((key, index) => `${index === 0 ? '- ' : '  '}${key}`);
}

/** A URL plain, unless YAML would read it otherwise. */
function scalar(text: string): string {
  return /^[\w.~:/?=&+%@-]+$/.test(text) ? text : JSON.stringify(text);
}
