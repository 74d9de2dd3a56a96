import { isUtf8 } from 'node:buffer';
import { fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAMAGED } from './git-remedies.ts';
import { GitError, runGit } from './run-git.ts';
import type { CommitFile } from '../file-tree.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Contents of a repository, each loaded from git once, however many branches and paths have it. */
export interface BlobStore {
  has(blob: string): boolean;
  /** Loads those that are not loaded yet, with one run of git. */
  load(files: readonly Pick<CommitFile, 'blob' | 'size'>[]): void;
  /** The content in pieces, each its own memory. It must have been loaded. */
  read(blob: string): Iterable<Uint8Array>;
}

/**
 * Keeps contents in a temporary file that has no name, and so goes with the process: memory stays flat
 * however large they are. Throws a GitError for an object that the repository lacks.
 */
export function blobStore(repository: string): BlobStore {
  const places = new Map<string, { readonly start: number; readonly size: number }>();
  let file: number | undefined;
  return {
    has: (blob) => places.has(blob),
    load: (files) => {
      const missing = files.filter(({ blob }) => !places.has(blob));
      const wanted = new Map(missing.map(({ blob, size }) => [blob, size]));
      if (wanted.size === 0) return;
      file ??= openNameless();
      let start = fstatSync(file).size;
      const input = [...wanted.keys()].map((blob) => `${blob}\n`).join('');
      runGit(repository, ['cat-file', '--batch'], { input, output: file });
      for (const [blob, size] of wanted) {
        const header = Buffer.from(`${blob} blob ${size}\n`);
        const found = readPiece(file, start, header.length);
        if (!found.equals(header)) {
          throw new GitError(`the object ${blob} is missing`, undefined, DAMAGED);
        }
        places.set(blob, { start: start + header.length, size });
        start += header.length + size + 1; // A newline follows each content.
      }
    },
    read: (blob) => {
      const place = places.get(blob);
      if (place === undefined || file === undefined) throw new Error(`${blob} is not loaded`);
      return readPieces(file, place.start, place.size);
    },
  };
}

/** Appends, so that each run of git writes behind the one before. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'ci-images-blobs-'));
  try {
    return openSync(join(folder, 'contents'), 'ax+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function* readPieces(file: number, start: number, size: number): Generator<Uint8Array> {
  for (let at = 0; at < size; at += CHUNK_BYTES) {
    yield readPiece(file, start + at, Math.min(CHUNK_BYTES, size - at));
  }
}

function readPiece(file: number, start: number, length: number): Buffer {
  const piece = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, piece, done, length - done, start + done);
    if (read === 0) break;
    done += read;
  }
  return piece.subarray(0, done);
}

const LOSSY = new TextDecoder('utf-8', { ignoreBOM: true });

/** `<mode> <type> <object> <size, padded>`: what `git ls-tree --long` writes before a tab and the path. */
const ATTRIBUTES = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)$/;

/** Modes of git for what is no plain file. */
const KINDS: Readonly<Record<string, CommitFile['kind']>> = {
  '120000': 'symlink',
  '160000': 'submodule',
};

/** All that is in a commit, from git's objects. Throws a GitError when one of them is missing. */
export function listCommit(repository: string, commit: string): readonly CommitFile[] {
  const listing = runGit(repository, ['ls-tree', '-r', '-z', '--long', '--full-tree', commit]);
  const files: CommitFile[] = [];
  for (let start = 0; start < listing.length;) {
    const end = listing.indexOf(0, start);
    files.push(parseEntry(listing.subarray(start, end)));
    start = end + 1;
  }
  return files;
}

function parseEntry(entry: Buffer): CommitFile {
  const tab = entry.indexOf(0x09);
  const attributes = entry.toString('latin1', 0, tab);
  const [, mode, blob, size] = ATTRIBUTES.exec(attributes) ?? [];
  if (mode === undefined || blob === undefined) throw new Error(`git listed: ${attributes}`);
  const bytes = entry.subarray(tab + 1);
  return {
    path: LOSSY.decode(bytes),
    isExact: isUtf8(bytes),
    kind: KINDS[mode] ?? 'file',
    executable: mode === '100755',
    size: size === '-' ? 0 : Number(size),
    blob,
  };
}
