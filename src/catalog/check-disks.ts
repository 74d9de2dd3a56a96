import { field, isMissing, nameOf, type Draft, type Located } from './draft.ts';
import type { CatalogProblem } from './problem-code.ts';
import { findMovingPart, urlOfOneBuild, namesVersion, isSameFile } from './disk-url.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import { DISK_FORMATS, PACKINGS, type Image, type CatalogEntry } from './image.ts';
import { quote } from '../yaml/wording.ts';
import type { Problem } from '../problem.ts';

/** What can be seen to be wrong with the URLs and checksums of VM disks before anything is downloaded. */
export function checkDisks(
  drafts: readonly Draft[],
  format: (path: DocumentPath) => string,
): readonly CatalogProblem[] {
  const disks = drafts.filter(({ kind }) => kind === 'vm-disk');
  return [...disks.flatMap(checkUrl), ...checkRepeats(disks, format)];
}

function checkUrl(draft: Draft): readonly CatalogProblem[] {
  const url = field(draft, 'url');
  if (url === undefined) return [];
  return [...checkMoving(draft, url), ...checkFileName(draft, url), ...checkVersion(draft, url)];
}

/** The file behind such a URL is another one soon, and its checksum is then wrong. */
function checkMoving(draft: Draft, { value, path }: Located<string>): readonly CatalogProblem[] {
  const part = findMovingPart(value);
  if (part === undefined) return [];
  const problem = `${quote(part)} in the address will be another build, and the checksum stays`;
  const form = urlOfOneBuild(field(draft, 'distribution')?.value ?? '');
  const remedy = `name one build, ${form}`;
  return [{ code: 'MOVING_URL', path, problem, remedy }];
}

/** Packings and formats by the endings of file names; those that stay undefined can't be used. */
const OTHER_PACKINGS = ['gz', 'bz2', 'zst', 'lzma', 'zip', 'tar', 'tgz', '7z'];
const FORMAT_ENDINGS: Readonly<Record<string, string>> = { vhd: 'vpc', img: '' };

function checkFileName(draft: Draft, { value, path }: Located<string>): readonly CatalogProblem[] {
  const [ending = '', inner = ''] = new URL(value).pathname.toLowerCase().split('.').reverse();
  const packing = field(draft, 'packing');
  if (packing === undefined && !isMissing(draft, 'packing')) return [];
  const isPacked = PACKINGS.some((known) => known === ending);
  if (OTHER_PACKINGS.includes(ending)) {
    const remedy = `name a file that is packed with ${PACKINGS.join(' or ')}, or not at all`;
    return [{ code: 'URL_OTHER_PACKING', path, problem: `.${ending} can't be unpacked`, remedy }];
  }
  if (isPacked !== (packing !== undefined)) {
    const problem = `the address ends with .${ending}, and packing is ${packing?.value ?? 'not set'}`;
    const remedy = isPacked ? `add packing: ${ending}` : 'delete packing';
    return [{ code: 'URL_OTHER_PACKING', path: packing?.path ?? path, problem, remedy }];
  }
  const format = field(draft, 'format');
  const named = isPacked ? inner : ending;
  const found = FORMAT_ENDINGS[named] ?? DISK_FORMATS.find((known) => known === named) ?? '';
  if (format === undefined || found === '' || found === format.value) return [];
  const problem = `the address says .${named}, and format is ${format.value}`;
  const remedy = `write format: ${found}`;
  return [{ code: 'URL_OTHER_FORMAT', path, problem, remedy }];
}

/** The version, and each number in a name that somebody chose, must be in the URL. */
function checkVersion(
  draft: Draft,
  { value: url, path }: Located<string>,
): readonly CatalogProblem[] {
  const version = field(draft, 'version');
  const distribution = field(draft, 'distribution')?.value ?? '';
  if (version === undefined) return [];
  if (!namesVersion(url, distribution, version.value)) {
    const problem = `the address is of another version than ${version.value}, or does not say so`;
    const remedy = `name the file of ${distribution} ${version.value}, or correct version`;
    return [{ code: 'URL_OTHER_VERSION', path, problem, remedy }];
  }
  const name = field(draft, 'name');
  const number = name && /(?<![a-z0-9])\d+(?:[-_.]\d+)*(?![a-z0-9])/.exec(name.value)?.[0];
  if (name === undefined || number === undefined) return [];
  const digits = number.replaceAll(/\D/g, '');
  if (version.value.replaceAll(/\D/g, '').startsWith(digits)) return [];
  const problem = `${quote(name.value)} names ${number}, and the version is ${version.value}`;
  const remedy = 'give it a name with its version, or correct version and url';
  return [{ code: 'URL_OTHER_VERSION', path: name.path, problem, remedy }];
}

/** One file has one checksum; where that is not so, one of the two was copied and not changed. */
function checkRepeats(
  disks: readonly Draft[],
  format: (path: DocumentPath) => string,
): readonly CatalogProblem[] {
  const byChecksum = new Map<string, { readonly url: Located<string>; readonly draft: Draft }>();
  const byUrl = new Map<string, Located<string>>();
  return disks.flatMap((draft): readonly CatalogProblem[] => {
    const url = field(draft, 'url');
    const checksum = field(draft, 'checksum');
    if (url === undefined || checksum === undefined) return [];
    const sameSum = byChecksum.get(checksum.value);
    const sameUrl = byUrl.get(url.value);
    if (sameSum === undefined) byChecksum.set(checksum.value, { url, draft });
    if (sameUrl === undefined) byUrl.set(url.value, checksum);
    const { path } = checksum;
    if (sameSum !== undefined && sameSum.url.value !== url.value) {
      const problem = `${nameOf(sameSum.draft)?.value ?? 'another disk'} has this checksum for another address, at ${format(sameSum.url.path)}`;
      const remedy = `take the checksum that is published with ${quote(url.value)}`;
      return [{ code: 'CHECKSUM_OF_OTHER_URL', path, problem, remedy }];
    }
    if (sameUrl !== undefined && sameUrl.value !== checksum.value) {
      const problem = `the same address has another checksum at ${format(sameUrl.path)}`;
      const remedy = 'keep the one that is published with the file';
      return [{ code: 'URL_OF_OTHER_CHECKSUM', path, problem, remedy }];
    }
    return [];
  });
}

/**
 * What is wrong with the VM disks of a catalog, seen from what it was before: where a URL has become
 * that of another build and the checksum is still the old one's. The download would fail, or worse, be
 * found among those that are kept by their checksum. A file that has only moved is no problem.
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
