import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
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
 * Throws an InvalidInputError (NOT_A_PAGE) where anything else is in the place.
 */
export function writeFolder(folder: string, files: ReadonlyMap<string, string>): void {
  expectOwn(folder);
  const id = randomUUID();
  // Beside it: a rename does not cross file systems.
  const [made, old] = [`${folder}.${id}`, `${folder}.${id}.old`];
  try {
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

/** The paths of all files; `undefined` where there is nothing. */
function filesIn(folder: string): readonly string[] | undefined {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    if (hasErrorCode(error, 'ENOTDIR')) throw notOwn(folder, folder);
    throw error;
  }
}

function notOwn(folder: string, other: string): InvalidInputError {
  const problem = `${folder} has ${other}, which is not of an earlier page`;
  return inputError('NOT_A_PAGE', problem, 'name another folder, or one that is not there yet');
}
