import { isProposalSubject } from './proposal-text.ts';
import type { Environment } from '../environment.ts';

/** What of a commit tells whether it is ours, and whether it is the one that is wanted. */
export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committerEmail: string;
  readonly subject: string;
}

/** Who commits where nobody is named: the address can never be anybody's (RFC 2606, ".invalid"). */
export const BOT = {
  name: 'kubernetes-ci-images',
  email: 'refresh@kubernetes-ci-images.invalid',
} as const;

/** Parses a commit as `git cat-file commit` prints it. */
export function parseCommitObject(text: string): CommitObject {
  const end = text.indexOf('\n\n');
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n');
  const valuesOf = (name: string) =>
    headers.flatMap((line) => (line.startsWith(`${name} `) ? line.slice(name.length + 1) : []));
  return {
    tree: valuesOf('tree')[0] ?? '',
    parents: valuesOf('parent'),
    committerEmail: /<([^>]*)>/.exec(valuesOf('committer')[0] ?? '')?.[1] ?? '',
    subject: end < 0 ? '' : (text.slice(end + 2).split('\n')[0] ?? ''),
  };
}

/** Whether `images propose` made it, as the bot or as `committerEmail`, and nobody changed it since. */
export function isProposal(commit: CommitObject, committerEmail: string): boolean {
  const isOurs = [BOT.email, committerEmail].includes(commit.committerEmail);
  return isOurs && isProposalSubject(commit.subject);
}

/** Whether it holds just this tree, right on top of `parent`: the same proposal, made at another time. */
export function isSameCommit(commit: CommitObject, tree: string, parent: string): boolean {
  return commit.tree === tree && commit.parents.length === 1 && commit.parents[0] === parent;
}

/** The variables by which git is told who commits ("git-commit-tree"). */
export type CommitIdentity = Readonly<
  Record<
    'GIT_AUTHOR_NAME' | 'GIT_AUTHOR_EMAIL' | 'GIT_COMMITTER_NAME' | 'GIT_COMMITTER_EMAIL',
    string
  >
>;

/** Whom the environment names, and the bot where it names nobody. What git is configured with is not asked. */
export function commitIdentity(environment: Environment): CommitIdentity {
  const or = (name: string, otherwise: string) => {
    const set = environment[name] ?? '';
    return set === '' ? otherwise : set;
  };
  return {
    GIT_AUTHOR_NAME: or('GIT_AUTHOR_NAME', BOT.name),
    GIT_AUTHOR_EMAIL: or('GIT_AUTHOR_EMAIL', BOT.email),
    GIT_COMMITTER_NAME: or('GIT_COMMITTER_NAME', BOT.name),
    GIT_COMMITTER_EMAIL: or('GIT_COMMITTER_EMAIL', BOT.email),
  };
}
