import { posix } from 'node:path';
import { compileGlob } from './pattern.ts';
import type { Reference, ReferenceCode } from './references.ts';
import type { ScannedText } from './named-image.ts';
import { scanText } from './scan-text.ts';
import { scanYaml } from './scan-yaml.ts';
import type { FileReader, ReferenceReader } from './source.ts';
import type { CommitFile, CommitTree } from '../file-tree.ts';
import { collectProblems, type Problem } from '../problem.ts';
import { loadTaggedImages } from '../tag/tag-catalog.ts';
import { MAX_DOCUMENT_BYTES, readText } from '../yaml/read-text.ts';

/** What a reader found in a branch. Paths are those of the branch. */
export interface BranchReferences {
  readonly references: readonly Reference[];
  readonly problems: readonly Problem[];
  /** What is optional and was not found, such as `no file is at tests/files/*.yml`. */
  readonly missing: readonly string[];
  /** The lines of `ignore` that were found. */
  readonly ignored: readonly string[];
}

function readCatalog(tree: CommitTree, file: string): BranchReferences {
  const problems: Problem[] = [];
  const images = collectProblems(problems, () => loadTaggedImages(tree, file)) ?? [];
  const references = images.map(({ name, tag, line }) => ({
    image: name,
    tag,
    place: { file, line },
  }));
  return { references, problems, missing: [], ignored: [] };
}

/**
 * Prepares a reader for the branches of one repository. `path` is its place in the retention file. A reader
 * of files searches a content once, however many branches have it. It follows symlinks to files of the
 * branch, and enters no submodules, whose repositories are sources of their own. A glob that matches no file,
 * or none that names an image, and a branch without references are problems, unless they are optional.
 */
export function branchReader(
  reader: ReferenceReader,
  path: string,
): (tree: CommitTree) => BranchReferences {
  if ('catalog' in reader) return (tree) => readCatalog(tree, reader.catalog);
  const globs = reader.files.map(({ glob, optional }, at) => {
    const matches = compileGlob(glob) ?? (() => false);
    return { glob, optional, matches, path: `${path}.files[${at}]` };
  });
  const scanned = new Map<string, ScannedText>();
  const scan = (tree: CommitTree, file: CommitFile): ScannedText => {
    const result = scanned.get(file.blob) ?? scanFile(tree, file.path, reader);
    scanned.set(file.blob, result);
    return result;
  };

  return (tree) => {
    const all = tree.files.filter(({ kind }) => kind !== 'submodule');
    const files = all.filter((file) => globs.some(({ matches }) => matches(file.path)));
    tree.load(files.filter(({ size }) => size <= MAX_DOCUMENT_BYTES));
    const byPath = new Map(tree.files.map((file) => [file.path, file]));
    const references: Reference[] = [];
    const problems: Problem[] = [];
    const missing: string[] = [];
    const ignored: string[] = [];
    const reportMissing = (optional: boolean, place: string, problem: string) => {
      const remedy = 'correct it, leave the branch out, or write optional: true';
      if (optional) missing.push(problem);
      else problems.push({ code: 'NO_REFERENCES', path: place, problem, remedy });
    };
    for (const { glob, optional, matches, path: place } of globs) {
      if (reader.optional || files.some((file) => matches(file.path))) continue;
      reportMissing(optional, place, `no file is at ${glob}`);
    }
    /** The paths of files in which something was found, or was left out by a reviewed line. */
    const telling: string[] = [];
    for (const link of files) {
      const file = link.path;
      const target = resolveLink(link, tree, byPath);
      const result = 'found' in target ? target : scan(tree, target);
      if (result.found.length + result.ignored.length > 0) telling.push(file);
      for (const { line, ...named } of result.found) {
        references.push({ ...named, place: { file, line } });
      }
      problems.push(...result.problems.map((each): Problem => ({ file, ...each })));
      ignored.push(...result.ignored);
    }
    if (references.length === 0 && problems.length === 0) {
      reportMissing(
        reader.optional,
        path,
        `nothing in ${globs.map(({ glob }) => glob).join(', ')} names an image`,
      );
    } else if (problems.length === 0 && !reader.optional) {
      // The files of a glob may have moved, but for one that names nothing.
      for (const { glob, optional, matches, path: place } of globs) {
        const isSilent =
          files.some((file) => matches(file.path)) && !telling.some((file) => matches(file));
        if (isSilent) reportMissing(optional, place, `nothing in ${glob} names an image`);
      }
    }
    return { references, problems, missing, ignored };
  };
}

function scanFile(tree: CommitTree, path: string, reader: FileReader): ScannedText {
  const read = readText(tree, path, MAX_DOCUMENT_BYTES);
  if ('text' in read) {
    return 'key' in reader ? scanYaml(read.text, reader) : scanText(read.text, reader);
  }
  const isLarge = read.code === 'FILE_TOO_LARGE';
  return notScanned(read.code, isLarge ? 'it is larger than 1 MiB' : 'it is no UTF-8 text');
}

/** A symlink that leads through more symlinks than this leads in a circle. */
const MOST_LINKS = 40;

/** The file that a path leads to. Globs enter no directories, and so no links to directories. */
function resolveLink(
  file: CommitFile,
  tree: CommitTree,
  byPath: ReadonlyMap<string, CommitFile>,
): CommitFile | ScannedText {
  if (!file.isExact) return notScanned('FILE_NAME_ENCODING', 'its name is not UTF-8', 'rename it');
  let at: CommitFile | undefined = file;
  for (let links = 0; at?.kind === 'symlink' && links < MOST_LINKS; links++) {
    const target = posix.join(posix.dirname(at.path), tree.readLink(at.path)).replace(/\/$/, '');
    const isOutside = target.startsWith('../');
    if (!isOutside && tree.entry(target)?.kind === 'directory') {
      return { found: [], problems: [], ignored: [] };
    }
    at = byPath.get(target);
  }
  if (at?.kind === 'file') return at;
  return notScanned('BROKEN_LINK', 'the link leads to nothing in this branch');
}

function notScanned(
  code: ReferenceCode,
  problem: string,
  remedy = 'choose files without it',
): ScannedText {
  return { found: [], problems: [{ code, problem, remedy }], ignored: [] };
}
