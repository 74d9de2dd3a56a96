import { runQuietly } from './run-quietly.ts';
import { GitError, runGit } from './run-git.ts';

/** A file as the checked-out commit has it. */
export interface HeadFile {
  /** The full name of HEAD's commit. */
  readonly commit: string;
  readonly tree: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  readonly mode: string;
  readonly blob: string;
  /** As a checkout of it is written: line ends and filters by the attributes. */
  readonly bytes: Buffer;
}

/** Looks a file up in HEAD. Throws a GitError where there is no repository, or no such file in it. */
export function headFile(checkout: string, file: string): HeadFile {
  const ask = (...args: string[]) => runQuietly(checkout, args).trimEnd();
  const commit = ask('rev-parse', '--verify', 'HEAD^{commit}');
  const entry = ask('--literal-pathspecs', 'ls-tree', '-z', '--full-tree', commit, '--', file);
  const [, mode, blob] = /^(\d+) blob (\w+)\t/.exec(entry) ?? [];
  if (mode === undefined || blob === undefined) throw new GitError(`HEAD has no file ${file}`);
  const branch = currentBranch(checkout);
  return {
    ...{ commit, tree: ask('rev-parse', `${commit}^{tree}`), mode, blob },
    ...(branch !== undefined && { branch }),
    bytes: runGit(checkout, ['cat-file', '--filters', `${commit}:${file}`]),
  };
}

/** What is checked out, if it is a branch. */
export function currentBranch(checkout: string): string | undefined {
  try {
    const ref = runQuietly(checkout, ['symbolic-ref', '--quiet', 'HEAD']).trim();
    return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
