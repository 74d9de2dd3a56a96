import type { Environment } from '../environment.ts';
import { failure, InvalidInputError, type Problem } from '../problem.ts';
import { githubAccess, type GithubAccess } from './note-target.ts';

/** Where merge requests are opened. */
export type HostName = 'gitlab' | 'github';

/** How changes are proposed: the stack's `refreshChanges`. */
export type Mode = 'merge-request' | 'commit';

/** The branch of proposals. People's commits do not belong there. */
export const PROPOSAL_BRANCH = 'images-refresh';

export interface TargetRequest {
  readonly mode: Mode;
  /** The options of the command line. */
  readonly asked: { readonly branch?: string; readonly host?: HostName };
  readonly environment: Environment;
  /** The branch of the checkout; absent when HEAD is detached, as it is in most pipelines. */
  readonly currentBranch?: string;
}

/** The branch that a proposal changes, and the host of its merge request. */
export type Target =
  | { readonly mode: 'commit'; readonly branch: string }
  | { readonly mode: 'merge-request'; readonly branch: string; readonly host: Host };

export type Host = { readonly name: 'gitlab' } | ({ readonly name: 'github' } & GithubAccess);

type Found<T> = T | { readonly problems: readonly Problem[] };

/** The variables with the branch of a pipeline: GitLab, GitHub Actions, Cloud Build. */
const BRANCH_VARIABLES = ['CI_COMMIT_BRANCH', 'GITHUB_REF_NAME', 'BRANCH_NAME'];

/** Throws an InvalidInputError with all that is missing. */
export function proposalTarget(request: TargetRequest): Target {
  const { mode, asked, environment } = request;
  const found = branchOf(request);
  const host = mode === 'commit' ? undefined : hostOf(asked.host, environment);
  const problems = [found, host].flatMap((part) =>
    part !== undefined && 'problems' in part ? part.problems : [],
  );
  if ('problems' in found || (host !== undefined && 'problems' in host)) {
    throw new InvalidInputError(problems);
  }
  const { branch } = found;
  return host === undefined ? { mode: 'commit', branch } : { mode: 'merge-request', branch, host };
}

function branchOf({
  asked,
  environment,
  currentBranch,
}: TargetRequest): Found<{ readonly branch: string }> {
  const variables = BRANCH_VARIABLES.map((name) => environment[name] ?? '');
  const branch = asked.branch ?? variables.find((name) => name !== '') ?? currentBranch;
  if (branch === undefined) {
    const problem = 'the branch to propose changes for is not known';
    return { problems: [failure('BRANCH_UNKNOWN', problem, 'name it with --branch')] };
  }
  if (branch !== PROPOSAL_BRANCH) return { branch };
  const problem = `${branch} is the branch of proposals`;
  const remedy = 'run this on the branch that it is merged into';
  return { problems: [failure('BRANCH_IS_PROPOSAL', problem, remedy)] };
}

function hostOf(asked: HostName | undefined, environment: Environment): Found<Host> {
  const { GITLAB_CI = '', GITHUB_ACTIONS = '' } = environment;
  if (asked === 'gitlab' || (asked === undefined && GITLAB_CI !== '')) return { name: 'gitlab' };
  if (asked === 'github' || GITHUB_ACTIONS !== '') {
    const access = githubAccess(environment);
    return 'problems' in access ? access : { name: 'github', ...access };
  }
  const problem = 'the host of the merge request is not known';
  const remedy = 'write --host gitlab or --host github, or set refreshChanges to commit';
  return { problems: [failure('HOST_UNKNOWN', problem, remedy)] };
}
