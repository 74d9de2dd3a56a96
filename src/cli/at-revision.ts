import { InvalidInputError, type Problem } from '../problem.ts';

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
