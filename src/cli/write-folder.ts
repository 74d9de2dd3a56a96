import { randomUUID } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { hasErrorCode, inputError, type InvalidInputError } from '../problem.ts';

/** The file that lists the others, a path a line. */
const LIST = '.images-page';

/**
 * Makes a folder with these files, path → content, whole or not at all, in the place of one that this has made before.
 * Follows a link to a folder, which stays. Throws an InvalidInputError where anything else is in the place
 * (NOT_A_PAGE), or it cannot be written (FILE_UNWRITABLE).
 */
export function writeFolder(name: string, files: ReadonlyMap<string, string>): void {
  expectOwn(name);
  try {
    replaceFolder(existsSync(name) ? realpathSync(name) : name, files);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const problem = `${name} cannot be written: ${error.message}`;
    throw inputError(
      'FILE_UNWRITABLE',
      problem,
      'name a folder that you can write, on a disk with room',
    );
  }
}

function replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
  const id = randomUUID();
  // Beside it: a rename does not cross file systems.
  const [made, old] = [`${folder}.${id}`, `${folder}.${id}.old`];
  try {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(made);
    for (const [path, content] of [...files, [LIST, [...files.keys(), ''].join('\n')] as const]) {
      mkdirSync(dirname(join(made, path)), { recursive: true });
      writeFileSync(join(made, path), content);
    }
    const isThere = existsSync(folder);
    if (isThere) renameSync(folder, old);
    try {
      renameSync(made, folder);
    } catch (error) {
      if (isThere) renameSync(old, folder);
      throw error;
    }
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Throws unless the folder is not there, is empty, or has only files of its list. */
export function expectOwn(folder: string): void {
  const found = filesIn(folder);
  if (found === undefined) return;
  const own = new Set(
    found.includes(LIST) ? readFileSync(join(folder, LIST), 'utf8').split('\n') : [],
  );
  const other = found.find((path) => path !== LIST && !own.has(path));
  if (other !== undefined) throw notOwn(folder, other);
}

/** The paths of all files, or of the first alone where there is no list; `undefined` where there is nothing. */
function filesIn(folder: string): readonly string[] | undefined {
  try {
    const [first, ...others] = readdirSync(folder);
    // A folder that somebody has named by mistake may have millions.
    if (first !== undefined && ![first, ...others].includes(LIST)) return [first];
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    // A link to nothing is something.
    const isAbsent = () => lstatSync(folder, { throwIfNoEntry: false }) === undefined;
    if (hasErrorCode(error, 'ENOENT') && isAbsent()) return undefined;
    throw notOwn(folder);
  }
}

function notOwn(folder: string, other?: string): InvalidInputError {
  const problem =
    other === undefined
      ? `${folder} is no folder that can be read`
      : `${folder} has ${other}, which is not of an earlier page`;
  return inputError('NOT_A_PAGE', problem, 'name another folder, or one that is not there yet');
}
