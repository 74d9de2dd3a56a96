import {
  fateOf,
  holdsKept,
  NO_RULES,
  parseDockerignore,
  type Fate,
  type IgnoreRules,
  type ParsedRules,
} from './dockerignore.ts';
import type { Image } from '../catalog/image.ts';
import type { FileTree } from '../file-tree.ts';
import { collectProblems, type Problem } from '../problem.ts';
import { readText } from '../yaml/read-text.ts';

/** What a build reads from the checkout. */
export type Build = Pick<Image, 'context' | 'dockerfile'>;

/** A file or symlink that belongs to a build context. */
export interface ContextFile {
  /** Relative to the context. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'symlink';
}

export interface ContextListing {
  readonly files: readonly ContextFile[];
  /**
   * Every socket, fifo and device (CONTEXT_UNSUPPORTED_FILE), and the problems of the tree. Only a
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
  const pending: { directory: string; above: Fate }[] = [{ directory: '', above: 'sent' }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, above } = next;
    const place = joinPath(context, directory);
    for (const name of collectProblems(problems, () => tree.list(place)) ?? []) {
      const path = joinPath(directory, name);
      const entry = collectProblems(problems, () => tree.entry(joinPath(place, name)));
      if (entry === undefined) continue; // It has a problem, or is gone since it was listed.
      const fate = fateOf(rules, path, above);
      if (entry.kind === 'directory') {
        if (fate !== 'ignored' || holdsKept(rules, path)) {
          pending.push({ directory: path, above: fate });
        }
      } else if (fate === 'ignored') continue;
      else if (entry.kind === 'other') problems.push(unsupported(joinPath(place, name)));
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
    path: '',
    problem: 'is neither a file, a directory nor a symlink, and no commit can hold it',
    remedy: 'remove it, or name it in .dockerignore',
  };
}

/**
 * The ignore file of a build: `<Dockerfile>.dockerignore`, or else `<context>/.dockerignore`. An
 * empty file counts as one: the other is not read then. `undefined` when there is neither.
 */
export function findIgnoreFile({ context, dockerfile }: Build, tree: FileTree): string | undefined {
  const places = [`${dockerfile}.dockerignore`, joinPath(context, '.dockerignore')];
  return places.find((place) => tree.entry(place) !== undefined);
}

/** The largest ignore file that is read; real ones have some hundred bytes. */
const MAX_BYTES = 1024 * 1024;

/** Reads an ignore file: its sound rules, and the problems of the others or of the file. */
export function loadIgnoreRules(file: string, tree: FileTree): ParsedRules {
  const unusable = (problem: string, remedy: string): ParsedRules => {
    const only = { code: 'DOCKERIGNORE_FILE', file, path: '', problem, remedy };
    return { rules: NO_RULES, problems: [only] };
  };
  if (tree.entry(file)?.kind !== 'file') {
    return unusable('is not a plain file', 'put the patterns themselves here');
  }
  const read = readText(tree, file, MAX_BYTES);
  if ('text' in read) return parseDockerignore(read.text, file);
  return read.code === 'FILE_TOO_LARGE'
    ? unusable('is too large', 'keep it below 1 MiB')
    : unusable('is not UTF-8', 'save it as UTF-8');
}

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
    const rules = ignoreFile === undefined ? NO_RULES : loadIgnoreRules(ignoreFile, tree).rules;
    for (const { path } of listContext(context, rules, tree).files) {
      files.add(joinPath(context, path));
    }
  }
  return files;
}

/** Joins two paths of the checkout, either of which may be empty. */
export function joinPath(directory: string, path: string): string {
  return [directory, path].filter((part) => part !== '').join('/');
}
