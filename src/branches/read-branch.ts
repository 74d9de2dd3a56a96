import { posix } from 'node:path';
import { compileGlob } from './pattern.ts';
import type { ReferenceCode, ReferencePlace } from './references.ts';
import { scanText, type ScannedText } from './scan-text.ts';
import type { PatternReader, ReferenceReader } from './source.ts';
import type { CommitFile, CommitTree } from '../file-tree.ts';
import type { Tag } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import { planTags } from '../tag/tag-catalog.ts';
import { MAX_DOCUMENT_BYTES, readText } from '../yaml/read-text.ts';

/** The references that a reader found in a branch. Paths are those of the branch. */
interface BranchReferences {
  readonly references: readonly {
    readonly image: string;
    readonly tag?: Tag;
    readonly place: ReferencePlace;
  }[];
  readonly problems: readonly Problem[];
}

type ReadBranch = (tree: CommitTree) => BranchReferences;

/** Prepares a reader for the branches of one repository. `path` is its place in the retention file. */
export function branchReader(reader: ReferenceReader, path: string): ReadBranch {
  if ('catalog' in reader) return (tree) => readCatalog(tree, reader.catalog);
  return patternBranchReader(reader, path);
}

function readCatalog(tree: CommitTree, file: string): BranchReferences {
  try {
    const references = planTags(tree, file).map(({ name, tag, line }) => {
      return { image: name, tag, place: { file, line } };
    });
    return { references, problems: [] };
  } catch (error) {
    if (error instanceof InvalidInputError) return { references: [], problems: error.problems };
    throw error;
  }
}

/** A symlink that leads through more symlinks than this leads in a circle. */
const MOST_LINKS = 40;

/**
 * Prepares a reader of patterns. The reader searches a content that several branches have once, and
 * matches a path with the globs once. It follows symlinks to files of the branch, and enters no
 * submodules, whose repositories are sources of their own. A branch without references is a problem.
 */
function patternBranchReader(reader: PatternReader, path: string): ReadBranch {
  const globs = reader.files.flatMap((glob) => compileGlob(glob) ?? []);
  const matched = new Map<string, boolean>();
  const scanned = new Map<string, ScannedText>();
  const isMatched = ({ path: name, kind }: CommitFile): boolean => {
    if (kind === 'other') return false;
    const isMatch = matched.get(name) ?? globs.some((matches) => matches(name));
    matched.set(name, isMatch);
    return isMatch;
  };
  const scan = (tree: CommitTree, { blob, path: name }: CommitFile): ScannedText => {
    const result = scanned.get(blob) ?? scanFile(tree, name, reader);
    scanned.set(blob, result);
    return result;
  };

  return (tree) => {
    const files = tree.files.filter(isMatched);
    tree.load(files.filter(({ size }) => size <= MAX_DOCUMENT_BYTES));
    const byPath = new Map(tree.files.map((file) => [file.path, file]));
    const results = files.map((file) => {
      const target = file.isExact ? resolveLink(file, tree, byPath) : NOT_UTF8_NAME;
      return { file: file.path, ...('found' in target ? target : scan(tree, target)) };
    });
    const references = results.flatMap(({ file, found }) =>
      found.map(({ line, ...reference }) => ({ ...reference, place: { file, line } })),
    );
    const problems = results.flatMap(({ file, problems: own }) =>
      own.map((each): Problem => ({ file, path: '', ...each })),
    );
    if (references.length > 0 || problems.length > 0) return { references, problems };
    const where = files.length === 0 ? 'no file is at' : 'no line matches in';
    const problem = `${where} ${reader.files.join(', ')}`;
    const remedy = 'correct files and pattern, or leave the branch out';
    return { references, problems: [{ code: 'NO_REFERENCES', file: '', path, problem, remedy }] };
  };
}

function scanFile(tree: CommitTree, path: string, reader: PatternReader): ScannedText {
  const read = readText(tree, path, MAX_DOCUMENT_BYTES);
  if ('text' in read) return scanText(read.text, reader);
  const isLarge = read.code === 'FILE_TOO_LARGE';
  return notScanned(read.code, isLarge ? 'it is larger than 1 MiB' : 'it is no UTF-8 text');
}

/** The file that a path leads to. Globs enter no directories, and so no links to directories. */
function resolveLink(
  file: CommitFile,
  tree: CommitTree,
  byPath: ReadonlyMap<string, CommitFile>,
): CommitFile | ScannedText {
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

const NOT_UTF8_NAME = notScanned('FILE_NAME_ENCODING', 'its name is not UTF-8', 'rename it');

function notScanned(
  code: ReferenceCode,
  problem: string,
  remedy = 'choose files without it',
): ScannedText {
  return { found: [], problems: [{ code, problem, remedy }] };
}
