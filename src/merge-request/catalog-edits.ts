import { namesVersion } from '../catalog/disk-url.ts';
import { requireYaml } from '../yaml/yaml-document.ts';
import { formatImageReference, parseImageReference } from '../image-reference.ts';
import { InvalidInputError } from '../problem.ts';
import { applyChanges, type Change, groupByPlace, type SharedValue } from '../refresh/changes.ts';
import { readPins, type ImagePins } from '../refresh/read-pins.ts';

/** A value of the catalog that a refresh has replaced, placed where it stood before. */
export type CatalogEdit = Omit<Change, 'why'>;

type Kind = Change['kind'];

/** All that a refresh may change; what is missing here does not compile. */
const KINDS = { base: true, snapshot: true, url: true, checksum: true } satisfies Record<
  Kind,
  true
>;

/**
 * What a refresh has done to the catalog `file`, from its text before and after, in its order. Throws an
 * InvalidInputError (NOT_A_REFRESH) when the texts differ in anything else: that is somebody's work,
 * neither to be committed by a schedule nor to be taken back by one.
 */
export function catalogEdits(file: string, before: string, after: string): readonly CatalogEdit[] {
  if (before.startsWith(MARK) !== after.startsWith(MARK)) throw notARefresh(file, 1);
  const markLength = before.startsWith(MARK) ? MARK.length : 0;
  const oldText = before.slice(markLength);
  const newText = after.slice(markLength);
  const images = new Map(pinsOf(file, newText).map((image) => [image.name, image]));
  const old = pinsOf(`HEAD:${file}`, oldText);
  const edits = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
    groupByPlace(
      old,
      () => true,
      (image) => image[kind],
    ).flatMap((value) => editOf(kind, value, images.get(value.names[0] ?? '')) ?? []),
  );
  const sorted = edits.toSorted((a, b) => a.written.start - b.written.start);
  refuseOthers(file, applyChanges(oldText, sorted), newText);
  return sorted;
}

/** At the start of a file, a byte order mark. */
const MARK = '\uFEFF';

function pinsOf(file: string, text: string): readonly ImagePins[] {
  return readPins(text, requireYaml(text, file));
}

function editOf(
  kind: Kind,
  { written, names, users }: SharedValue,
  image: ImagePins | undefined,
): CatalogEdit | undefined {
  const replacement = image?.[kind]?.value;
  if (replacement === undefined || replacement === written.value) return undefined;
  const subject = { kind, written, images: names, replacement };
  const isDisks = kind === 'url' || kind === 'checksum';
  if (isDisks && !isNewerBuild(users[0], image)) return undefined;
  if (kind !== 'base') return { ...subject, from: written.value, to: replacement };
  const from = parseImageReference(written.value)?.digest;
  const to = parseImageReference(replacement)?.digest;
  // A refresh follows a tag; it never turns to another one.
  if (to === undefined || nameOfBase(written.value) !== nameOfBase(replacement)) return undefined;
  return { ...subject, ...(from !== undefined && { from }), to };
}

/** A refresh of a disk changes the URL and its checksum, and of the URL nothing but numbers. */
function isNewerBuild(before: ImagePins | undefined, after: ImagePins | undefined): boolean {
  const [from, to] = [before?.url?.value ?? '', after?.url?.value ?? ''];
  const series = (url: string) => url.replaceAll(/\d+(?:\.\d+)*/g, '*');
  if (after === undefined || from === to || series(from) !== series(to)) return false;
  if (before?.checksum?.value === after.checksum?.value) return false;
  return namesVersion(to, after.distribution, after.version);
}

/** A base without its digest: what it is called, whatever it is pinned to. */
export function nameOfBase(text: string): string {
  const reference = parseImageReference(text);
  if (reference === undefined) return text;
  const { registry, repository, tag } = reference;
  return formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) });
}

function refuseOthers(file: string, expected: string, found: string): void {
  if (expected === found) return;
  const lines = expected.split('\n');
  const at = found.split('\n').findIndex((line, index) => line !== lines[index]);
  throw notARefresh(file, at < 0 ? lines.length : at + 1);
}

function notARefresh(file: string, line: number): InvalidInputError {
  const problem = 'from here on it differs from the commit in more than a refresh changes';
  const remedy = 'commit that yourself, or take it back; nothing has been changed or pushed';
  const code = 'NOT_A_REFRESH';
  return new InvalidInputError([{ code, file, line, path: '', problem, remedy }]);
}
