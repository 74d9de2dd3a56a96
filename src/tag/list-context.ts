import {
  fateOf,
  holdsKept,
  NO_RULES,
  parseDockerignore,
  type Fate,
  type IgnoreRules,
  type ParsedRules,
} from './dockerignore.ts';
import type { BuildFiles } from '../catalog/image.ts';
import type { FileTree } from '../file-tree.ts';
import { collectProblems, type Problem } from '../problem.ts';
import { loadText } from '../yaml/read-text.ts';

/** A file or symlink that belongs to a build context. */
export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'symlink';
}

export interface ContextListing {
  readonly files: readonly ContextFile[];
  /**
   * Every socket, fifo and device (CONTEXT_UNSUPPORTED_FILE), every repository in the context
   * (SUBMODULE_IN_CONTEXT), and the problems of the tree. Only a listing without problems is complete.
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
  const pending: { folder: string; above: Fate }[] = [{ folder: '', above: 'sent' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder, above } = next;
    const inCheckout = joinPath(context, folder);
    const names = collectProblems(problems, () => tree.list(inCheckout)) ?? [];
    // In a work tree, a submodule is a folder with this name in it.
    if (names.includes('.git') && inCheckout !== '') {
      if (above !== 'ignored') problems.push(submodule(inCheckout));
      continue;
    }
    for (const name of names) {
      const path = joinPath(folder, name);
      const file = joinPath(inCheckout, name);
      const entry = collectProblems(problems, () => tree.entry(file));
      if (entry === undefined) continue; // It has a problem, or is gone since it was listed.
      const fate = fateOf(rules, path, above);
      if (entry.kind === 'directory') {
        if (fate !== 'ignored' || holdsKept(rules, path))
          pending.push({ folder: path, above: fate });
      } else if (fate === 'ignored') continue;
      else if (entry.kind === 'submodule') problems.push(submodule(file));
      else if (entry.kind === 'other') problems.push(unsupported(file));
      else if (entry.kind === 'symlink') files.push({ path, kind: 'symlink' });
      else files.push({ path, kind: entry.executable ? 'executable' : 'file' });
    }
  }
  return { files: inByteOrder(files), problems };
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

    problem: 'is neither a file, a directory nor a symlink, and no commit can hold it',
    remedy: 'remove it, or name it in .dockerignore',
  };
}

function submodule(file: string): Problem {
  return {
    code: 'SUBMODULE_IN_CONTEXT',
    file,
    problem: 'is a repository of its own, or a submodule: no commit holds its files',
    remedy: 'commit the files themselves, or name it in .dockerignore',
  };
}

/**
 * The ignore file of a build: `<Dockerfile>.dockerignore`, or else `<context>/.dockerignore`. An
 * empty file counts as one: the other is not read then. `undefined` when there is neither.
 */
export function findIgnoreFile(
  { context, dockerfile }: BuildFiles,
  tree: FileTree,
): string | undefined {
  const files = [`${dockerfile}.dockerignore`, joinPath(context, '.dockerignore')];
  return files.find((file) => tree.entry(file) !== undefined);
}

/** Reads an ignore file: its valid rules, and the problems of the others or of the file. */
export function loadIgnoreRules(file: string, tree: FileTree): ParsedRules {
  const problems: Problem[] = [];
  const text = collectProblems(problems, () => loadText(tree, file, 'ignore file'));
  if (text !== undefined) return parseDockerignore(text, file);
  const renamed = problems.map((problem) => ({ ...problem, code: 'DOCKERIGNORE_FILE' }));
  return { rules: NO_RULES, problems: renamed };
}

/** Lists a context by its ignore file, if it has one. The problems are those of both. */
export function listFiltered(
  context: string,
  ignoreFile: string | undefined,
  tree: FileTree,
): ContextListing {
  if (ignoreFile === undefined) return listContext(context, NO_RULES, tree);
  const { rules, problems } = loadIgnoreRules(ignoreFile, tree);
  const listing = listContext(context, rules, tree);
  return { ...listing, problems: [...problems, ...listing.problems] };
}

/** The files that the images' tags count, by their paths in the checkout, and the problems of their contexts. */
export function countedFiles(builds: readonly BuildFiles[], tree: FileTree) {
  const files = new Set<string>();
  const problems: Problem[] = [];
  const listed = new Set<string>();
  for (const build of builds) {
    const { context, dockerfile } = build;
    const ignoreFile = findIgnoreFile(build, tree);
    files.add(dockerfile);
    if (ignoreFile !== undefined) files.add(ignoreFile);
    const key = JSON.stringify([context, ignoreFile]);
    if (listed.has(key)) continue;
    listed.add(key);
    const listing = listFiltered(context, ignoreFile, tree);
    problems.push(...listing.problems);
    for (const { path } of listing.files) files.add(joinPath(context, path));
  }
  return { files, problems };
}

/** Joins two paths of the checkout, either of which may be empty. */
export function joinPath(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}
