import { readFileSync } from 'node:fs';
import { loadCatalog } from '../../src/catalog/parse-catalog.ts';
import { isBuilt, type BuiltImage, type Image } from '../../src/catalog/image.ts';
import type { Problem } from '../../src/problem.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';

export type Files = Readonly<Record<string, MemoryFile>>;

export const CATALOG = 'config/images.yml';
export const APT = 'contexts/apt/Dockerfile';
export const STAGES = 'contexts/stages/ci.Dockerfile';
export const DISK = 'config/contexts/vm-disk/Dockerfile';
export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** The valid checkout in `fixtures/checkout`, which tests break in one place at a time. */
export const CHECKOUT: Readonly<Record<string, string>> = Object.fromEntries(
  [CATALOG, APT, STAGES, DISK].map((path) => [
    path,
    readFileSync(new URL(`fixtures/checkout/${path}`, import.meta.url), 'utf8'),
  ]),
);

/** One place of one file, changed. Throws unless `from` stands there exactly once. */
export function edited(file: string, from: string, to: string): Files {
  const parts = (CHECKOUT[file] ?? '').split(from);
  if (parts.length !== 2)
    throw new Error(`${file} has ${from} ${parts.length - 1} times, not once`);
  return { ...CHECKOUT, [file]: parts.join(to) };
}

/** Throws when anything is wrong. */
export function imagesOf(files: Files): readonly Image[] {
  const { entries, problems } = loadCatalog(memoryTree(files), CATALOG);
  if (problems.length > 0) throw new Error(problems.map(briefly).join('\n'));
  return entries.flatMap(({ image }) => image ?? []);
}

/** The same, of images that are built. */
export function builtImagesOf(files: Files): readonly BuiltImage[] {
  return imagesOf(files).filter((image) => isBuilt(image));
}

/** What is wrong with a checkout; empty when nothing is. */
export function problemsOf(files: Files): readonly Problem[] {
  return loadCatalog(memoryTree(files), CATALOG).problems;
}

/** `CODE path file:line:column`, in the order of the text: all of a problem but its prose. */
export function briefly({ code, path, file, line, column }: Problem): string {
  const position = [file, line, column].filter((part) => part !== undefined).join(':');
  return [code, path ?? '', position].filter((part) => part !== '').join(' ');
}

export function catalogOf(images: string): Files {
  return { ...CHECKOUT, [CATALOG]: images };
}
