import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../problem.ts';

/**
 * Replaces the text of a file of the checkout, whole or not at all. Its mode and a byte order mark stay.
 * Throws an InvalidInputError (CHANGED_MEANWHILE) when the file does not hold `before` any more.
 */
export function replaceText(root: string, file: string, before: string, after: string): void {
  const place = join(root, file);
  const bytes = editedBytes(readFileSync(place), file, before, after);
  const { mode } = statSync(place);
  // In the same folder: a rename does not cross file systems.
  const unfinished = `${place}.${randomUUID()}`;
  try {
    writeDurably(unfinished, bytes);
    // The umask narrows the mode of a new file, and this file is not new.
    chmodSync(unfinished, mode & 0o7777);
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

const BOM = Buffer.from('\uFEFF');

/** The new bytes of a file whose `current` bytes hold the text `before`, with or without a mark. */
export function editedBytes(current: Buffer, file: string, before: string, after: string): Buffer {
  const mark = current.subarray(0, BOM.length).equals(BOM) ? BOM : Buffer.alloc(0);
  if (current.equals(Buffer.concat([mark, Buffer.from(before)]))) {
    return Buffer.concat([mark, Buffer.from(after)]);
  }
  const problem = 'the file has changed since it was read';
  const remedy = 'run it again; the file is untouched';
  throw new InvalidInputError([{ code: 'CHANGED_MEANWHILE', file, path: '', problem, remedy }]);
}

/** Writes a file and waits for the disk: the rename must not outlast the content. */
function writeDurably(place: string, bytes: Buffer): void {
  const descriptor = openSync(place, 'wx');
  try {
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
