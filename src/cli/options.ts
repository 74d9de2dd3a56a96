import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { HostName } from '../merge-request/proposal-target.ts';
import { InvalidInputError } from '../problem.ts';
import { parsePreview, type Preview } from '../review/preview.ts';

/** The engine's grammar of stack names. It also keeps a name from leading to another directory. */
export function parseStackName(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError('A stack name holds letters, digits, "_", "." and "-" only.');
}

/** `--host`: for pipelines whose variables do not name the host, such as Cloud Build. */
export function hostOption(): Option {
  return new Option(
    '--host <name>',
    "where to open the merge request (default: the pipeline's host)",
  ).choices(['gitlab', 'github'] satisfies HostName[]);
}

/** `--branch`: for detached checkouts, whose branch only the pipeline's variables name. */
export function branchOption(): Option {
  return new Option(
    '--branch <name>',
    "the branch to propose changes for (default: the pipeline's branch)",
  );
}

/** `--preview`: the file with the output of `pulumi preview --json`. */
export function previewOption(): Option {
  const description = 'the output of `pulumi preview --json`';
  return new Option('--preview <file>', description).makeOptionMandatory();
}

/** Reads a preview; `file` is relative to `root`. Throws an InvalidInputError. */
export function readPreview(root: string, file: string): Preview {
  const remedy = 'run `pulumi preview --json` and keep its output';
  return parsePreview(readTextOf(root, file, remedy), file);
}

/** Reads a text file that the command line names. Throws an InvalidInputError (FILE_UNREADABLE). */
export function readTextOf(root: string, file: string, remedy: string): string {
  try {
    return readFileSync(resolve(root, file), 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const problem = `the file can't be read: ${reason}`;
    throw new InvalidInputError([{ code: 'FILE_UNREADABLE', file, path: '', problem, remedy }]);
  }
}
