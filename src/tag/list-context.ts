import { collectProblems } from './collect-problems.ts';
import { isFinal, type IgnoreRules } from './dockerignore.ts';
import { askLevel, topLevel } from './ignore-level.ts';
import type { Problem } from '../problem.ts';
import type { FileTree, TreeEntry } from '../file-tree.ts';
import type { Image } from '../catalog/image.ts';
import { findIgnoreFile, joinPath, loadIgnoreRules } from './load-ignore-rules.ts';

/** A file or symlink that belongs to a build context. */
export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'symlink';
}

export interface ContextListing {
  readonly files: readonly ContextFile[];
  /**
   * Every socket, fifo and device (CONTEXT_UNSUPPORTED_FILE), and whatever the tree refuses. Only a
   * listing without problems is complete.
   */
  readonly problems: readonly Problem[];
}

/**
 * The files and symlinks of a context that are not ignored, in the order of their paths' UTF-8
 * bytes, which no locale changes. Directories are not listed: git keeps no empty ones, and the
 * others show in the paths. Symlinks are not followed, wherever they lead.
 */
export function listContext(context: string, rules: IgnoreRules, tree: FileTree): ContextListing {
  const files: ContextFile[] = [];
  const problems: Problem[] = [];
  const pending = [{ directory: '', level: topLevel(rules) }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, level } = next;
    const place = joinPath(context, directory);
    for (const name of collectProblems(problems, () => tree.list(place)) ?? []) {
      const path = joinPath(directory, name);
      const entry = collectProblems(problems, () => tree.entry(joinPath(place, name)));
      if (entry === undefined) continue; // Refused, or gone since it was listed.
      const { ignored, enter } = askLevel(level, name);
      if (entry.kind === 'directory') {
        if (!ignored || !isFinal(rules)) pending.push({ directory: path, level: enter() });
      } else if (ignored) continue;
      else if (entry.kind === 'other') problems.push(unsupported(joinPath(place, name)));
      else files.push({ path, kind: contextKind(entry) });
    }
  }
  return { files: inByteOrder(files), problems };
}

function contextKind({ kind, executable }: TreeEntry): ContextFile['kind'] {
  if (kind === 'symlink') return 'symlink';
  return executable ? 'executable' : 'file';
}

function inByteOrder(files: readonly ContextFile[]): readonly ContextFile[] {
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ file }) => file);
}

function unsupported(file: string): Problem {
  return {
    code: 'CONTEXT_UNSUPPORTED_FILE',
    file,
    path: '',
    problem: 'is neither a file, a directory nor a symlink, and no commit can hold it',
    remedy: 'remove it, or name it in .dockerignore',
  };
}

type Build = Pick<Image, 'context' | 'dockerfile'>;

/** The files that the images' tags count, by their paths in the checkout, each once. */
export function countedFiles(images: readonly Build[], tree: FileTree): ReadonlySet<string> {
  const files = new Set<string>();
  const listed = new Set<string>();
  for (const image of images) {
    const { context, dockerfile } = image;
    files.add(dockerfile);
    const ignoreFile = findIgnoreFile(image, tree);
    if (ignoreFile !== undefined) files.add(ignoreFile);
    const key = JSON.stringify([context, ignoreFile]);
    if (listed.has(key)) continue;
    listed.add(key);
    const rules = ignoreFile === undefined ? [] : loadIgnoreRules(ignoreFile, tree).rules;
    for (const { path } of listContext(context, rules, tree).files) {
      files.add(joinPath(context, path));
    }
  }
  return files;
}
