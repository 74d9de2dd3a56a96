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
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../problem.ts';

/**
 * Replaces the text of a file of the checkout, whole or not at all; its mode stays, and so does a byte
 * order mark. Throws an InvalidInputError when the file does not hold `before` any more.
 */
export function replaceText(root: string, file: string, before: string, after: string): void {
  const place = join(root, file);
  const current = readFileSync(place);
  const mark = current.subarray(0, BOM.length).equals(BOM) ? BOM : Buffer.alloc(0);
  if (!current.equals(Buffer.concat([mark, Buffer.from(before)]))) throw changedMeanwhile(file);
  const { mode } = statSync(place);
  // In the same folder, since a file is not renamed from one disk to another.
  const unfinished = `${place}.${randomUUID()}`;
  try {
    writeDown(unfinished, Buffer.concat([mark, Buffer.from(after)]));
    // What a new file may be is narrowed by the umask; this is no new one.
    chmodSync(unfinished, mode & 0o7777);
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

const BOM = Buffer.from('\uFEFF');

/** Waits until the disk has it: a rename that lasts must not point at nothing. */
function writeDown(place: string, bytes: Buffer): void {
  const descriptor = openSync(place, 'wx');
  try {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(descriptor, bytes, written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function changedMeanwhile(file: string): InvalidInputError {
  const problem = 'somebody changed it meanwhile';
  const remedy = 'run it again; this file has been left as it is';
  return new InvalidInputError([{ code: 'CHANGED_MEANWHILE', file, path: '', problem, remedy }]);
}
