import { namesVersion } from '../catalog/disk-url.ts';
import { parseImageReference } from '../image-reference.ts';
import { inputError, type InvalidInputError } from '../problem.ts';
import { applyEdits, groupByPlace, type CatalogEdit, type SharedValue } from '../refresh/edits.ts';
import { ubuntuRelease } from '../refresh/publishers/ubuntu.ts';
import { readPins, type ImagePins } from '../refresh/read-pins.ts';
import { nameOfBase } from '../refresh/refresh-bases.ts';
import { parseYaml } from '../yaml/yaml-document.ts';

type EditKind = Exclude<CatalogEdit['kind'], 'version' | 'importedFrom' | 'disk'>;

/** All values that a refresh may change. */
const KINDS: readonly EditKind[] = ['base', 'from', 'snapshot', 'url', 'checksum'];

/** The byte order mark at the start of a file. */
const MARK = /^\uFEFF/;

/**
 * The edits of an earlier refresh, from the text of the catalog `file` before and after it. Throws an
 * InvalidInputError (NOT_A_REFRESH) where the texts differ in anything else: that is a person's work, which
 * no schedule may commit or take back.
 */
export function catalogEdits(file: string, before: string, after: string): readonly CatalogEdit[] {
  if (MARK.test(before) !== MARK.test(after)) throw notARefresh(file, 1);
  const oldText = before.replace(MARK, '');
  const newText = after.replace(MARK, '');
  const images = new Map(pinsOf(file, newText).map((image) => [keyOf(image), image]));
  const old = pinsOf(`HEAD:${file}`, oldText);
  const all = () => true;
  const edits = KINDS.flatMap((kind) => {
    const values = groupByPlace(old, all, (image) => image[kind]);
    return values.flatMap((value) => {
      const [user] = value.users;
      return editOf(kind, value, user && images.get(keyOf(user))) ?? [];
    });
  }).toSorted((a, b) => a.written.start - b.written.start);
  const expected = applyEdits(oldText, edits);
  if (expected !== newText) throw notARefresh(file, firstDifference(expected, newText));
  return edits;
}

/** A VM disk has pins for each platform. */
function keyOf({ name, platforms }: ImagePins): string {
  return [name, ...platforms].join(' ');
}

function pinsOf(file: string, text: string): readonly ImagePins[] {
  return readPins(parseYaml(text, file));
}

function editOf(
  kind: EditKind,
  { written, names, users }: SharedValue,
  image: ImagePins | undefined,
): CatalogEdit | undefined {
  const replacement = image?.[kind]?.value;
  if (replacement === undefined || replacement === written.value) return undefined;
  const edit = { kind, written, images: names, replacement };
  if (kind !== 'base' && kind !== 'from') {
    if (kind !== 'snapshot' && !isNewerBuild(users[0], image)) return undefined;
    return { ...edit, from: written.value, to: replacement };
  }
  const from = parseImageReference(written.value);
  const to = parseImageReference(replacement);
  if (from === undefined || to?.digest === undefined) return undefined;
  // A refresh follows a tag. It never changes to another one.
  if (nameOfBase(from) !== nameOfBase(to)) return undefined;
  return { ...edit, from: from.digest, to: to.digest };
}

/**
 * A refresh of a disk changes the URL and its checksum, and only numbers in the URL, unless it moves a daily build
 * of Ubuntu to a release.
 */
function isNewerBuild(before: ImagePins | undefined, after: ImagePins | undefined): boolean {
  const [from, to] = [before?.url?.value ?? '', after?.url?.value ?? ''];
  const series = (url: string) => url.replaceAll(/\d+(?:\.\d+)*/g, '*');
  if (after === undefined || from === to) return false;
  const release = after.distribution === 'ubuntu' ? ubuntuRelease(from, after.version) : undefined;
  const earlier = [from, ...(release === undefined ? [] : [release.urlOf(release.date)])];
  if (!earlier.some((url) => series(url) === series(to))) return false;
  if (before?.checksum?.value === after.checksum?.value) return false;
  return namesVersion(to, after.distribution, after.version);
}

/** The number of the first line in which `found` differs from `expected`. */
function firstDifference(expected: string, found: string): number {
  const lines = expected.split('\n');
  const at = found.split('\n').findIndex((line, index) => line !== lines[index]);
  return at < 0 ? lines.length : at + 1;
}

function notARefresh(file: string, line: number): InvalidInputError {
  const problem = 'from this line on, the file has changes that a refresh does not make';
  const remedy = 'commit them yourself, or take them back; nothing has been changed or pushed';
  return inputError('NOT_A_REFRESH', problem, remedy, { file, line });
}
