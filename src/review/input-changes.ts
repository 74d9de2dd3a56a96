import { isBuilt, type BuiltImage, type DiskSource } from '../catalog/image.ts';
import type { FileTree } from '../file-tree.ts';
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
} from '../image-reference.ts';
import { redact } from '../redact.ts';
import { nameOfBase } from '../refresh/refresh-bases.ts';
import type { BuildInput } from '../tag/build-inputs.ts';
import { type HashCache, hashFiles, type HashedFile } from '../tag/hash-context.ts';
import type { TaggedImage } from '../tag/tag-catalog.ts';

/** An image of one catalog, and the files that it is built from. */
interface ImageAt<Image = TaggedImage> {
  readonly image: Image;
  readonly tree: FileTree;
  readonly cache: HashCache;
}

/** One thing that changed. The note is in this project's words, all other texts are foreign. */
export interface InputDetail {
  readonly name?: string;
  readonly note?: string;
  readonly from?: string;
  readonly to?: string;
}

/**
 * What changed of one build input between two catalogs that have the image. Empty where nothing can be named, as for an
 * image of another kind, or where it is the same for every platform that both have.
 */
export function inputDetails(
  input: BuildInput,
  before: ImageAt,
  after: ImageAt,
): readonly InputDetail[] {
  const { image: old } = before;
  const { image: now } = after;
  if (input === 'platform') {
    return [
      ...now.platforms.filter((one) => !old.platforms.includes(one)).map(added),
      ...old.platforms.filter((one) => !now.platforms.includes(one)).map(removed),
    ];
  }
  if (old.kind === 'copy' && now.kind === 'copy') {
    return input === 'from' ? [baseStep(old.from, now.from)] : [];
  }
  if (!isBuilt(old) || !isBuilt(now)) return [];
  switch (input) {
    case 'context':
      return contextDetails({ ...before, image: old }, { ...after, image: now });
    case 'dockerfile':
      return old.dockerfile === now.dockerfile
        ? [{ name: now.dockerfile }]
        : [{ from: old.dockerfile, to: now.dockerfile }];
    case 'args':
      return argumentDetails(old, now);
    case 'target':
      return step(old.target, now.target);
    case 'base':
      if (old.kind !== 'container' || now.kind !== 'container') return [];
      return [baseStep(old.base, now.base)];
    case 'snapshot':
      if (old.kind !== 'container' || now.kind !== 'container') return [];
      return step(old.snapshot, now.snapshot);
    case 'checksum':
      return sourceDetails(old, now, downloadStep);
    case 'packing':
      return sourceDetails(old, now, (was, is) =>
        step(was.packing ?? 'none', is.packing ?? 'none'),
      );
    case 'format':
      return sourceDetails(old, now, (was, is) => step(was.format, is.format));
    case 'enlargeBy':
      if (old.kind !== 'vm-disk' || now.kind !== 'vm-disk') return [];
      return step(sizeOf(old.enlargeBy), sizeOf(now.enlargeBy));
    case 'conversion':
    case 'from':
      return [];
  }
}

const added = (name: string): InputDetail => ({ name, note: 'added' });

const removed = (name: string): InputDetail => ({ name, note: 'removed' });

/** The detail of a value that changed, was added or was removed. */
function step(from: string | undefined, to: string | undefined): readonly InputDetail[] {
  if (from === to) return [];
  if (from === undefined) return to === undefined ? [] : [added(to)];
  return to === undefined ? [removed(from)] : [{ from, to }];
}

/** Files are named as in the context, which may be another folder than before. */
function contextDetails(
  before: ImageAt<BuiltImage>,
  after: ImageAt<BuiltImage>,
): readonly InputDetail[] {
  const filesOf = ({ image, tree, cache }: ImageAt<BuiltImage>) =>
    new Map(hashFiles(image, tree, cache).map((file) => [file.path, file]));
  const [olds, news] = [filesOf(before), filesOf(after)];
  const targetOf = ({ image, tree }: ImageAt<BuiltImage>, path: string) =>
    tree.readLink(image.context === '' ? path : `${image.context}/${path}`);
  const paths = [...new Set([...olds.keys(), ...news.keys()])].sort();
  return paths.flatMap((path): readonly InputDetail[] => {
    const [old, now] = [olds.get(path), news.get(path)];
    if (old === undefined) return [added(path)];
    if (now === undefined) return [removed(path)];
    if (old.kind === now.kind && old.content === now.content) return [];
    if (old.kind === 'symlink' && now.kind === 'symlink') {
      return [{ name: path, from: targetOf(before, path), to: targetOf(after, path) }];
    }
    return [{ name: path, note: noteOf(old, now) }];
  });
}

/** What is said of a file beside its name; a file whose content alone changed has no note. */
function noteOf(old: HashedFile, now: HashedFile): string | undefined {
  if (old.kind === now.kind) return undefined;
  if (now.kind === 'symlink') return 'is a symlink now';
  if (old.kind === 'symlink') return 'is no symlink any more';
  const mode = now.kind === 'executable' ? 'is executable now' : 'is not executable any more';
  return old.content === now.content ? mode : `changed, and ${mode}`;
}

function argumentDetails(old: BuiltImage, now: BuiltImage): readonly InputDetail[] {
  const names = [...new Set([...Object.keys(old.args), ...Object.keys(now.args)])].sort();
  const ofNames = names.flatMap((name): readonly InputDetail[] => {
    const [from, to] = [old.args[name], now.args[name]];
    if (from === to) return [];
    if (from === undefined) return [added(name)];
    if (to === undefined) return [removed(name)];
    const [was, is] = [parseImageReference(from), parseImageReference(to)];
    const isMoved = was?.digest && is?.digest && nameOfBase(was) === nameOfBase(is);
    return isMoved ? [{ ...baseStep(was, is), name }] : [{ name, from, to }];
  });
  // Every build gets the version as an argument.
  const { version: from } = old;
  const { version: to } = now;
  return from === to ? ofNames : [{ note: 'the version', from, to }, ...ofNames];
}

function baseStep(old: ImageReference, now: ImageReference): InputDetail {
  const name = nameOfBase(now);
  if (nameOfBase(old) === name) return { name, note: 'moved', from: old.digest, to: now.digest };
  return { from: formatImageReference(old), to: formatImageReference(now) };
}

/** Units of 1024, as the catalog has them. */
function sizeOf(bytes: number): string {
  const [unit = '', size = 1] =
    Object.entries({ G: 2 ** 30, M: 2 ** 20 }).find((each) => bytes % each[1] === 0) ?? [];
  return `${bytes / size}${unit}`;
}

/** The details of each platform that both have. What several platforms share counts once. */
function sourceDetails(
  old: BuiltImage,
  now: BuiltImage,
  compare: (old: DiskSource, now: DiskSource) => readonly InputDetail[],
): readonly InputDetail[] {
  if (old.kind !== 'vm-disk' || now.kind !== 'vm-disk') return [];
  const details = now.platforms.flatMap((platform) => {
    const [was, is] = [old.sources[platform], now.sources[platform]];
    return was === undefined || is === undefined ? [] : compare(was, is);
  });
  return [...new Map(details.map((detail) => [JSON.stringify(detail), detail])).values()];
}

/** Of a new URL the parts that differ, after the folder that they are in; of the same URL the checksums. */
function downloadStep(old: DiskSource, now: DiskSource): readonly InputDetail[] {
  if (old.checksum === now.checksum) return [];
  const partsIn = ({ url }: DiskSource) => redact(url, []).split('/');
  const [olds, news] = [partsIn(old), partsIn(now)];
  const isSameFrom = (at: number) => olds.at(at) === news.at(at);
  if (olds.join('/') === news.join('/')) {
    return [{ name: news.at(-1) ?? '', from: old.checksum, to: now.checksum }];
  }
  const shortest = Math.min(olds.length, news.length);
  let start = 0;
  while (start < shortest - 1 && isSameFrom(start)) start += 1;
  let end = 0;
  while (end < shortest - 1 - start && isSameFrom(-1 - end)) end += 1;
  const partOf = (all: readonly string[]) => all.slice(start, all.length - end).join('/');
  const folder = news[start - 1];
  const name = folder === undefined || folder === '' ? undefined : folder;
  return [{ name, from: partOf(olds), to: partOf(news) }];
}
