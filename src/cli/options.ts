import { InvalidArgumentError, Option } from 'commander';
import type { HostName } from '../merge-request/proposal-target.ts';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parsePreview, type Preview } from '../review/preview.ts';
import { InvalidInputError, type Problem } from '../problem.ts';

/** The grammar of the engine, which also keeps a name from leading to another directory. */
export function parseStackName(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError('A stack name holds letters, digits, "_", "." and "-" only.');
}

/** `--host`: needed where the pipeline's variables do not tell, as in Cloud Build. */
export function hostOption(): Option {
  return new Option(
    '--host <name>',
    'where to open the merge request; by default the pipeline’s',
  ).choices(['gitlab', 'github'] satisfies HostName[]);
}

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

/** Where a file is, for messages: in git's words `main:config/images.yml`, or the path as it is. */
export function placeAtRevision(revision: string | undefined, file: string): string {
  return revision === undefined || file === '' ? file : `${revision}:${file}`;
}

/**
 * What `read` returns. What it finds wrong with files is told of the revision, if there is one: nobody
 * can mend a commit, and the checkout may well have the file.
 */
export function atRevision<T>(revision: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (revision === undefined || !(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(error.problems.map((problem) => placed(revision, problem)));
  }
}

function placed(revision: string, problem: Problem): Problem {
  const file = placeAtRevision(revision, problem.file);
  if (problem.code !== 'FILE_MISSING') return { ...problem, file };
  return { ...problem, file, remedy: 'compare with a revision that has it, by these settings' };
}
