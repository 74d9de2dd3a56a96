import type { FileTree, TreeEntry } from '../../src/file-tree.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

type Content = string | Uint8Array;

/** A plain file by its content, an executable one, a symlink, or something else (a socket, a device). */
export type MemoryFile =
  | Content
  | { readonly content: Content; readonly executable: boolean }
  | { readonly symlink: string }
  | { readonly other: true };

/**
 * A file tree made of literals. Directories are those that the paths imply. Content is read in two
 * pieces, cut anywhere, so that code which takes the first piece for the whole file fails its tests.
 * Throws where nothing of the asked kind is there, as a real tree does.
 */
export function memoryTree(files: Readonly<Record<string, MemoryFile>>): FileTree {
  const paths = Object.keys(files);

  const content = (path: string): Uint8Array => {
    const file = own(files, path);
    if (file === undefined) throw new Error(`no such file: ${path}`);
    if (typeof file === 'string' || file instanceof Uint8Array) return bytesOf(file);
    if ('content' in file) return bytesOf(file.content);
    throw new Error(`not a file: ${path}`);
  };

  return {
    entry: (path) => {
      const file = own(files, path);
      if (file !== undefined) return entryOf(file);
      const isDirectory = path === '' || paths.some((other) => other.startsWith(`${path}/`));
      return isDirectory ? { kind: 'directory', executable: true } : undefined;
    },
    list: (path) => {
      const prefix = path === '' ? '' : `${path}/`;
      const below = paths.filter((other) => other.startsWith(prefix));
      return [...new Set(below.map((other) => other.slice(prefix.length).split('/')[0] ?? ''))];
    },
    size: (path) => content(path).length,
    read: (path) => {
      const bytes = content(path);
      const middle = Math.floor(bytes.length / 2);
      return [bytes.subarray(0, middle), bytes.subarray(middle)];
    },
    readLink: (path) => {
      const file = own(files, path);
      if (typeof file === 'object' && 'symlink' in file) return file.symlink;
      throw new Error(`not a symlink: ${path}`);
    },
  };
}

function own(files: Readonly<Record<string, MemoryFile>>, path: string): MemoryFile | undefined {
  return Object.hasOwn(files, path) ? files[path] : undefined;
}

function entryOf(file: MemoryFile): TreeEntry {
  if (typeof file === 'string' || file instanceof Uint8Array) {
    return { kind: 'file', executable: false };
  }
  if ('content' in file) return { kind: 'file', executable: file.executable };
  return { kind: 'symlink' in file ? 'symlink' : 'other', executable: false };
}

function bytesOf(content: Content): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** This repository's own `config/`, as it is in the checkout: path → text. */
export const OWN_CONFIG: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(ROOT, 'config'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => [relative(ROOT, path), readFileSync(path, 'utf8')]),
);
