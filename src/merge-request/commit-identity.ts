import { BOT } from './commit-object.ts';
import type { Environment } from '../environment.ts';

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
