import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { workingTree } from '../git/working-tree.ts';
import { hasErrorCode, inputError } from '../problem.ts';
import { loadText } from '../yaml/read-text.ts';

/** The byte order mark. */
const MARK = Buffer.from('\uFEFF');

/** The bytes of the catalog. Throws an InvalidInputError where it is missing or no text. */
export function readCatalog(root: string, file: string): Buffer {
  loadText(workingTree(root), file, 'catalog');
  return readFileSync(join(root, file));
}

/** A new text of the catalog as bytes, with a byte order mark where it has one `before`. */
export function catalogBytes(before: Buffer, text: string): Buffer {
  const isMarked = before.subarray(0, MARK.length).equals(MARK);
  return Buffer.concat([...(isMarked ? [MARK] : []), Buffer.from(text)]);
}

/**
 * Replaces the content of a file of the checkout, whole or not at all. Its mode stays. Throws an
 * InvalidInputError (CHANGED_MEANWHILE) when the file does not hold `before` any more.
 */
export function replaceFile(root: string, file: string, before: Buffer, after: Buffer): void {
  const place = join(root, file);
  if (!readFileSync(place).equals(before)) {
    const problem = 'the file has changed since it was read';
    const remedy = 'run it again; the file is untouched';
    throw inputError('CHANGED_MEANWHILE', problem, remedy, { file });
  }
  const { mode } = statSync(place);
  // In the same folder: a rename does not cross file systems.
  const unfinished = `${place}.${randomUUID()}`;
  try {
    // On the disk before it is renamed: the rename must not outlast the content.
    writeFileSync(unfinished, after, { flag: 'wx', flush: true });
    // The umask narrows the mode of a new file, and this file is not new.
    chmodSync(unfinished, mode & 0o7777);
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/**
 * Makes a file with this content, whole or not at all. Throws an InvalidInputError where its folder is not there
 * (FILE_UNWRITABLE), or somebody else has made it meanwhile (CHANGED_MEANWHILE).
 */
export function createFile(place: string, content: Buffer): void {
  const unfinished = `${place}.${randomUUID()}`;
  try {
    writeFileSync(unfinished, content, { flag: 'wx', flush: true });
    // Unlike a rename, this replaces nothing.
    linkSync(unfinished, place);
  } catch (error) {
    const isThere = hasErrorCode(error, 'EEXIST');
    if (!isThere && !hasErrorCode(error, 'ENOENT')) throw error;
    const code = isThere ? 'CHANGED_MEANWHILE' : 'FILE_UNWRITABLE';
    const problem = isThere ? 'the file was made meanwhile' : 'its folder is not there';
    const remedy = isThere
      ? 'run it again; the file is untouched'
      : 'make the folder, and run it again';
    throw inputError(code, problem, remedy, { file: place });
  } finally {
    rmSync(unfinished, { force: true });
  }
}
