import { disksOf, field, isMissing, nameOf, type Draft, type Located } from './draft.ts';
import type { CatalogProblem } from './problem-code.ts';
import { diskForm, findMovingPart, urlOfOneBuild, namesVersion, isSameFile } from './disk-url.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import { PACKINGS, type Image, type CatalogEntry } from './image.ts';
import { quote } from '../yaml/wording.ts';
import type { Problem } from '../problem.ts';

/** Compares URL, checksum and the other values of each VM disk with one another, and with other disks. */
export function checkDisks(
  drafts: readonly Draft[],
  formatLocation: (path: DocumentPath) => string,
): readonly CatalogProblem[] {
  const disks = drafts.filter(({ kind }) => kind === 'vm-disk');
  const inUrls = disks.flatMap((draft) =>
    disksOf(draft).flatMap(({ url }) => {
      if (url === undefined) return [];
      const inName = [...checkFileName(draft, url), ...checkVersion(draft, url)];
      return [...checkMoving(draft, url), ...inName];
    }),
  );
  return [...inUrls, ...checkRepeats(disks, formatLocation)];
}

/** The file behind a moving URL is soon another one, which has another checksum. */
function checkMoving(draft: Draft, { value, path }: Located<string>): readonly CatalogProblem[] {
  const part = findMovingPart(value);
  if (part === undefined) return [];
  const problem = `${quote(part)} in the address will be another build, and the checksum stays`;
  const remedy = `name one build, ${urlOfOneBuild(field(draft, 'distribution')?.value ?? '')}`;
  return [{ code: 'MOVING_URL', path, problem, remedy }];
}

function checkFileName(draft: Draft, { value, path }: Located<string>): readonly CatalogProblem[] {
  const form = diskForm(value);
  const packing = field(draft, 'packing');
  if (packing === undefined && !isMissing(draft, 'packing')) return [];
  if (form.isOtherwisePacked) {
    const remedy = `name a file that is packed with ${PACKINGS.join(' or ')}, or not at all`;
    const problem = `.${form.packing === undefined ? form.ending : `${form.inner}.${form.ending}`} can't be unpacked`;
    return [{ code: 'URL_OTHER_PACKING', path, problem, remedy }];
  }
  if ((form.packing !== undefined) !== (packing !== undefined)) {
    const problem = `the address ends with .${form.ending}, and packing is ${packing?.value ?? 'not set'}`;
    const remedy = form.packing === undefined ? 'delete packing' : `add packing: ${form.packing}`;
    return [{ code: 'URL_OTHER_PACKING', path: packing?.path ?? path, problem, remedy }];
  }
  const format = field(draft, 'format');
  if (format === undefined || form.format === undefined || form.format === format.value) return [];
  const problem = `the address says .${form.inner}, and format is ${format.value}`;
  return [{ code: 'URL_OTHER_FORMAT', path, problem, remedy: `write format: ${form.format}` }];
}

/** The version, and each number in a declared name, must be in the URL. */
function checkVersion(
  draft: Draft,
  { value: url, path }: Located<string>,
): readonly CatalogProblem[] {
  const version = field(draft, 'version')?.value;
  const distribution = field(draft, 'distribution')?.value ?? '';
  if (version === undefined) return [];
  if (!namesVersion(url, distribution, version)) {
    const problem = `the address is of another version than ${version}, or does not say so`;
    const remedy = `name the file of ${distribution} ${version}, or correct version`;
    return [{ code: 'URL_OTHER_VERSION', path, problem, remedy }];
  }
  const name = field(draft, 'name');
  const number = name && /(?<![a-z0-9])\d+(?:[-_.]\d+)*(?![a-z0-9])/.exec(name.value)?.[0];
  if (name === undefined || number === undefined) return [];
  const digitsOf = (text: string) => text.replaceAll(/\D/g, '');
  if (digitsOf(version).startsWith(digitsOf(number))) return [];
  const problem = `${quote(name.value)} names ${number}, and the version is ${version}`;
  const remedy = 'give it a name with its version, or correct version and url';
  return [{ code: 'URL_OTHER_VERSION', path: name.path, problem, remedy }];
}

/** One file has one checksum. Where it has two, or two files have one, somebody copied and did not edit. */
function checkRepeats(
  drafts: readonly Draft[],
  formatLocation: (path: DocumentPath) => string,
): readonly CatalogProblem[] {
  const disks = drafts.flatMap((draft) =>
    disksOf(draft).flatMap(({ url, checksum }) =>
      url === undefined || checksum === undefined ? [] : [{ draft, url, checksum }],
    ),
  );
  const byChecksum = Map.groupBy(disks, ({ checksum }) => checksum.value);
  const byUrl = Map.groupBy(disks, ({ url }) => url.value);
  return disks.flatMap(({ url, checksum: { value, path } }): readonly CatalogProblem[] => {
    const [sameSum] = byChecksum.get(value) ?? [];
    const [sameUrl] = byUrl.get(url.value) ?? [];
    if (sameSum !== undefined && sameSum.url.value !== url.value) {
      const problem = `${nameOf(sameSum.draft)?.value ?? 'another disk'} has this checksum for another address, at ${formatLocation(sameSum.url.path)}`;
      const remedy = `take the checksum that is published with ${quote(url.value)}`;
      return [{ code: 'CHECKSUM_OF_OTHER_URL', path, problem, remedy }];
    }
    if (sameUrl !== undefined && sameUrl.checksum.value !== value) {
      const problem = `the same address has another checksum at ${formatLocation(sameUrl.checksum.path)}`;
      const remedy = 'keep the one that is published with the file';
      return [{ code: 'URL_OF_OTHER_CHECKSUM', path, problem, remedy }];
    }
    return [];
  });
}

/**
 * The disks whose URL has become that of another build since `before`, and whose checksum has not. Their
 * download would fail, or the disk of the old build would be taken from those kept by checksum. A file
 * that has only moved is no problem.
 */
export function checkChecksumChanges(
  before: readonly Image[],
  entries: readonly CatalogEntry[],
): readonly Problem[] {
  const disks = before.flatMap((image) =>
    image.kind === 'vm-disk' ? Object.values(image.sources) : [],
  );
  const urls = Map.groupBy(disks, ({ checksum }) => checksum);
  return entries.flatMap(({ image, checksumLocations = {} }): readonly Problem[] => {
    if (image?.kind !== 'vm-disk') return [];
    return Object.entries(image.sources).flatMap(([platform, { url, checksum }]) => {
      const earlier = urls.get(checksum) ?? [];
      const [first] = earlier;
      if (first === undefined || earlier.some((source) => isSameFile(source.url, url))) return [];
      const problem = `the address of ${image.name} is another build's, and this is still the checksum of ${quote(first.url)}`;
      const remedy = `take the checksum that is published with ${quote(url)}`;
      return [{ code: 'CHECKSUM_STAYED', ...checksumLocations[platform], problem, remedy }];
    });
  });
}
