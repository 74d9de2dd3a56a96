import { joinPath } from './context-path.ts';
import { isFinal, isIgnored, type IgnoreRules } from './dockerignore.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { FileTree } from '../tree/file-tree.ts';

/** A file or symlink that belongs to a build context. */
export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'symlink';
}

/**
 * The files and symlinks of a context that are not ignored, in the order of their paths' UTF-8
 * bytes, which no locale changes. Directories are not listed: git keeps no empty ones, and the
 * others show in the paths. Symlinks are not followed, wherever they lead.
 *
 * Throws an InvalidInputError that names every socket, fifo and device (CONTEXT_UNSUPPORTED_FILE).
 */
export function listContext(
  context: string,
  rules: IgnoreRules,
  tree: FileTree,
): readonly ContextFile[] {
  const files: ContextFile[] = [];
  const problems: Problem[] = [];
  const pending = [''];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const name of tree.list(joinPath(context, directory))) {
      const path = joinPath(directory, name);
      const place = joinPath(context, path);
      const entry = tree.entry(place);
      if (entry === undefined) continue; // Gone since it was listed.
      const ignored = isIgnored(rules, path);
      if (entry.kind === 'directory') {
        if (!ignored || !isFinal(rules)) pending.push(path);
      } else if (ignored) continue;
      else if (entry.kind === 'other') problems.push(unsupported(place));
      else if (entry.kind === 'symlink') files.push({ path, kind: 'symlink' });
      else files.push({ path, kind: entry.executable ? 'executable' : 'file' });
    }
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return inByteOrder(files);
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
