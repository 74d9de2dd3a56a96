import type { ReferencePlace, ReferenceCode } from './references.ts';
import type { ReferenceReader, PatternReader } from './source.ts';
import type { Tag } from '../image-reference.ts';
import { planTags } from '../tag/plan-tags.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { CommitTree, CommitFile } from '../commit-tree.ts';
import { posix } from 'node:path';
import { compileGlob } from './pattern.ts';
import { scanText, type ScannedText } from './scan-text.ts';
import { MAX_DOCUMENT_BYTES, readText } from '../yaml/read-text.ts';

/** What a reader found in a branch. Paths are those of the branch. */
interface BranchReferences {
  readonly references: readonly {
    readonly image: string;
    readonly tag?: Tag;
    readonly place: ReferencePlace;
  }[];
  readonly problems: readonly Problem[];
}

/** A reader, ready for the branches of one repository, one after the other. */
export function branchReader(
  reader: ReferenceReader,
  path: string,
): (tree: CommitTree) => BranchReferences {
  if ('catalog' in reader) return (tree) => readCatalog(tree, reader.catalog);
  const read = patternBranchReader(reader);
  return (tree) => {
    const found = read(tree);
    if (found.references.length > 0 || found.problems.length > 0) return found;
    const where = found.files === 0 ? 'no file is at' : 'no line matches in';
    const problem = `${where} ${reader.files.join(', ')}`;
    const remedy = 'correct files and pattern, or leave the branch out';
    return { ...found, problems: [{ code: 'NO_REFERENCES', file: '', path, problem, remedy }] };
  };
}

function readCatalog(tree: CommitTree, file: string): BranchReferences {
  try {
    const references = planTags(tree, file).map(({ name, tag, line }) => ({
      image: name,
      tag,
      place: { file, line },
    }));
    return { references, problems: [] };
  } catch (error) {
    if (error instanceof InvalidInputError) return { references: [], problems: error.problems };
    throw error;
  }
}

/** More links than this lead in circles. */
const MOST_LINKS = 40;

const SCAN_REMEDY = 'choose files without it';

/**
 * A reader of what a pattern finds in branches of one repository. A content that several branches have
 * is searched once, and so is a path matched with the globs. Submodules are not entered: their
 * repositories are sources of their own. Symlinks are read where they lead to a file of the branch.
 */
function patternBranchReader(
  reader: PatternReader,
): (tree: CommitTree) => BranchReferences & { readonly files: number } {
  const globs = reader.files.flatMap((glob) => compileGlob(glob) ?? []);
  const matched = new Map<string, boolean>();
  const scanned = new Map<string, ScannedText | ReturnType<typeof refuse>>();
  const isMatched = ({ path, kind }: CommitFile): boolean => {
    if (kind === 'other') return false;
    const known = matched.get(path) ?? globs.some((matches) => matches(path));
    matched.set(path, known);
    return known;
  };

  return (tree) => {
    const files = tree.files.filter(isMatched);
    tree.load(files.filter(({ size }) => size <= MAX_DOCUMENT_BYTES));
    const byPath = new Map(tree.files.map((file) => [file.path, file]));
    const results = files.map((file) => {
      const { path } = file;
      const read = file.isExact ? resolveLink(file, tree, byPath) : NOT_UTF8_NAME;
      if (read === 'directory') return { path, found: [], flaws: [] };
      if ('code' in read) return { path, found: [], flaws: [read] };
      const known = scanned.get(read.blob) ?? scanFile(tree, read.path, reader);
      scanned.set(read.blob, known);
      return 'code' in known ? { path, found: [], flaws: [known] } : { path, ...known };
    });
    return {
      files: files.length,
      references: results.flatMap(({ path, found }) =>
        found.map(({ line, ...reference }) => ({ ...reference, place: { file: path, line } })),
      ),
      problems: results.flatMap(({ path, flaws }) =>
        flaws.map((flaw): Problem => ({ file: path, path: '', ...flaw })),
      ),
    };
  };
}

function scanFile(tree: CommitTree, path: string, reader: PatternReader) {
  const read = readText(tree, path, MAX_DOCUMENT_BYTES);
  if ('text' in read) return scanText(read.text, reader);
  const problem =
    read.code === 'FILE_TOO_LARGE' ? 'it is larger than 1 MiB' : 'it is no UTF-8 text';
  return refuse(read.code, problem, SCAN_REMEDY);
}

/** The file that is meant; a link to a directory is left out, as globs enter none. */
function resolveLink(
  file: CommitFile,
  tree: CommitTree,
  byPath: ReadonlyMap<string, CommitFile>,
): CommitFile | 'directory' | ReturnType<typeof refuse> {
  let [at, links]: [CommitFile | undefined, number] = [file, 0];
  while (at?.kind === 'symlink' && links++ < MOST_LINKS) {
    const target = posix.join(posix.dirname(at.path), tree.readLink(at.path)).replace(/\/$/, '');
    if (!target.startsWith('../') && tree.entry(target)?.kind === 'directory') return 'directory';
    at = byPath.get(target);
  }
  if (at?.kind === 'file') return at;
  return refuse('BROKEN_LINK', 'the link leads to nothing in this branch', SCAN_REMEDY);
}

function refuse(code: ReferenceCode, problem: string, remedy: string) {
  return { code, problem, remedy };
}

const NOT_UTF8_NAME = refuse('FILE_NAME_ENCODING', 'its name is not UTF-8', 'rename it');
