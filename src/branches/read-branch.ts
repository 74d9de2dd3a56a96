import { posix } from 'node:path';
import { compileGlob } from './pattern.ts';
import type { Reference, ReferenceCode } from './references.ts';
import { scanText, type ScannedText } from './scan-text.ts';
import type { PatternReader, ReferenceReader } from './source.ts';
import type { CommitFile, CommitTree } from '../file-tree.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import { loadTaggedImages } from '../tag/tag-catalog.ts';
import { MAX_DOCUMENT_BYTES, readText } from '../yaml/read-text.ts';

/** What a reader found in a branch. Paths are those of the branch. */
interface BranchReferences {
  readonly references: readonly Reference[];
  readonly problems: readonly Problem[];
}

function readCatalog(tree: CommitTree, file: string): BranchReferences {
  try {
    const references = loadTaggedImages(tree, file).map(({ name, tag, line }) => {
      return { image: name, tag, place: { file, line } };
    });
    return { references, problems: [] };
  } catch (error) {
    if (error instanceof InvalidInputError) return { references: [], problems: error.problems };
    throw error;
  }
}

/**
 * Prepares a reader for the branches of one repository. `path` is its place in the retention file. A reader
 * of patterns searches a content once, however many branches have it. It follows symlinks to files of the
 * branch, and enters no submodules, whose repositories are sources of their own. A branch without references
 * is a problem.
 */
export function branchReader(
  reader: ReferenceReader,
  path: string,
): (tree: CommitTree) => BranchReferences {
  if ('catalog' in reader) return (tree) => readCatalog(tree, reader.catalog);
  const globs = reader.files.flatMap((glob) => compileGlob(glob) ?? []);
  const scanned = new Map<string, ScannedText>();
  const scan = (tree: CommitTree, file: CommitFile): ScannedText => {
    const result = scanned.get(file.blob) ?? scanFile(tree, file.path, reader);
    scanned.set(file.blob, result);
    return result;
  };

  return (tree) => {
    const files = tree.files.filter(
      (file) => file.kind !== 'other' && globs.some((matches) => matches(file.path)),
    );
    tree.load(files.filter(({ size }) => size <= MAX_DOCUMENT_BYTES));
    const byPath = new Map(tree.files.map((file) => [file.path, file]));
    const references: Reference[] = [];
    const problems: Problem[] = [];
    for (const link of files) {
      const file = link.path;
      const target = resolveLink(link, tree, byPath);
      const result = 'found' in target ? target : scan(tree, target);
      for (const { line, image, tag } of result.found) {
        references.push({ image, tag, place: { file, line } });
      }
      problems.push(...result.problems.map((each): Problem => ({ file, ...each })));
    }
    if (references.length === 0 && problems.length === 0) {
      const where = files.length === 0 ? 'no file is at' : 'no line matches in';
      const problem = `${where} ${reader.files.join(', ')}`;
      const remedy = 'correct files and pattern, or leave the branch out';
      problems.push({ code: 'NO_REFERENCES', path, problem, remedy });
    }
    return { references, problems };
  };
}

function scanFile(tree: CommitTree, path: string, reader: PatternReader): ScannedText {
  const read = readText(tree, path, MAX_DOCUMENT_BYTES);
  if ('text' in read) return scanText(read.text, reader);
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
    if (!isOutside && tree.entry(target)?.kind === 'directory') return { found: [], problems: [] };
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
  return { found: [], problems: [{ code, problem, remedy }] };
}
