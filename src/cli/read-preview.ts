import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { parsePreview } from '../review/parse-preview.ts';
import type { Preview } from '../review/preview.ts';
import { InvalidInputError } from '../problem.ts';

/** `--preview`: where the output of `pulumi preview --json` is. */
export function previewOption(): Option {
  const description = 'what `pulumi preview --json` has printed';
  return new Option('--preview <file>', description).makeOptionMandatory();
}

/** Reads it; `file` is relative to `root`. Throws an InvalidInputError. */
export function readPreview(root: string, file: string): Preview {
  return parsePreview(
    readTextOf(root, file, 'run `pulumi preview --json` and keep its output'),
    file,
  );
}

/** A text file that somebody named on the command line. Throws an InvalidInputError (FILE_UNREADABLE). */
export function readTextOf(root: string, file: string, remedy: string): string {
  try {
    return readFileSync(resolve(root, file), 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const problem = `this can't be read: ${reason}`;
    throw new InvalidInputError([{ code: 'FILE_UNREADABLE', file, path: '', problem, remedy }]);
  }
}
