import { isProposalSubject } from './proposal-text.ts';
import type { Environment } from '../environment.ts';

/** The parts of a commit that tell whether it is a proposal, and which one. */
export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committerEmail: string;
  readonly subject: string;
}

/** The default author. The address can never be anybody's (RFC 2606, ".invalid"). */
const BOT = {
  name: 'kubernetes-ci-images',
  email: 'refresh@kubernetes-ci-images.invalid',
} as const;

/** The variables with author and committer ("git-commit-tree"): the environment's, or else the bot's. */
export function commitIdentity(environment: Environment) {
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

/** Parses the output of `git cat-file commit`. */
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

/** Whether a commit is a proposal of the bot or of `committerEmail`, and not a person's commit on top. */
export function isProposal(commit: CommitObject, committerEmail: string): boolean {
  const isOurs = [BOT.email, committerEmail].includes(commit.committerEmail);
  return isOurs && isProposalSubject(commit.subject);
}

/** Whether a commit has this tree and only this parent: the same proposal, made at another time. */
export function isSameCommit(commit: CommitObject, tree: string, parent: string): boolean {
  return commit.tree === tree && commit.parents.length === 1 && commit.parents[0] === parent;
}
