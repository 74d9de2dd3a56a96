import { posix } from 'node:path';
import { compileGlob } from './glob.ts';
import type { ReferenceCode } from './problem-code.ts';
import type { BranchReferences } from './read-branch.ts';
import { scanText, type ScannedText } from './scan-text.ts';
import type { PatternReader } from './source.ts';
import { MAX_DOCUMENT_BYTES } from '../yaml/load-text.ts';
import { FLAW_CODES, readText } from '../yaml/read-text.ts';
import type { Problem } from '../problem.ts';
import type { CommitFile, CommitTree } from '../commit-tree.ts';

/** More links than this lead in circles. */
const MOST_LINKS = 40;

const SCAN_REMEDY = 'choose files without it';

/**
 * A reader of what a pattern finds in branches of one repository. A content that several branches have
 * is searched once, and so is a path matched with the globs. Submodules are not entered: their
 * repositories are sources of their own. Symlinks are read where they lead to a file of the branch.
 */
export function patternBranchReader(
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
  const problem = read.flaw === 'too large' ? 'it is larger than 1 MiB' : 'it is no UTF-8 text';
  return refuse(FLAW_CODES[read.flaw], problem, SCAN_REMEDY);
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
