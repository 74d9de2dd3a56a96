import type { Environment } from '../environment.ts';
import { collectProblems, inputError, InvalidInputError, type Problem } from '../problem.ts';
import { githubAccess, type GithubAccess } from './github-api.ts';

/** Where merge requests are opened. */
export type HostName = 'gitlab' | 'github';

/** How changes are proposed: the stack's `refreshChanges`. */
type Mode = 'merge-request' | 'commit';

/** The branch of proposals. People's commits do not belong there. */
export const PROPOSAL_BRANCH = 'images-refresh';

export interface TargetRequest {
  readonly mode: Mode;
  /** The options of the command line. */
  readonly options: { readonly branch?: string; readonly host?: HostName };
  readonly environment: Environment;
  /** The branch of the checkout; absent when HEAD is detached, as it is in most pipelines. */
  readonly currentBranch?: string;
}

/** The branch that a proposal changes, and the host of its merge request. */
type Target =
  | { readonly mode: 'commit'; readonly branch: string }
  | { readonly mode: 'merge-request'; readonly branch: string; readonly host: Host };

export type Host = { readonly name: 'gitlab' } | ({ readonly name: 'github' } & GithubAccess);

/** The variables with the branch of a pipeline: GitLab, GitHub Actions, Cloud Build. */
const BRANCH_VARIABLES = ['CI_COMMIT_BRANCH', 'GITHUB_REF_NAME', 'BRANCH_NAME'];

/** Throws an InvalidInputError with all that is missing. */
export function proposalTarget(request: TargetRequest): Target {
  const { mode, options, environment } = request;
  const problems: Problem[] = [];
  const branch = collectProblems(problems, () => branchOf(request));
  if (mode === 'merge-request') {
    const host = collectProblems(problems, () => hostOf(options.host, environment));
    if (branch !== undefined && host !== undefined) return { mode, branch, host };
  } else if (branch !== undefined) return { mode, branch };
  throw new InvalidInputError(problems);
}

function branchOf({ options, environment, currentBranch }: TargetRequest): string {
  const variable = BRANCH_VARIABLES.map((name) => environment[name]).find(Boolean);
  const branch = options.branch ?? variable ?? currentBranch;
  if (branch === undefined) {
    const problem = 'the branch to propose changes for is not known';
    throw inputError('BRANCH_UNKNOWN', problem, 'name it with --branch');
  }
  if (branch !== PROPOSAL_BRANCH) return branch;
  const remedy = 'run this on the branch that it is merged into';
  throw inputError('BRANCH_IS_PROPOSAL', `${branch} is the branch of proposals`, remedy);
}

function hostOf(host: HostName | undefined, environment: Environment): Host {
  const { GITLAB_CI, GITHUB_ACTIONS } = environment;
  if (host === 'gitlab' || (host === undefined && GITLAB_CI)) return { name: 'gitlab' };
  if (host === 'github' || GITHUB_ACTIONS) return { name: 'github', ...githubAccess(environment) };
  const problem = 'the host of the merge request is not known';
  const remedy = 'write --host gitlab or --host github, or set refreshChanges to commit';
  throw inputError('HOST_UNKNOWN', problem, remedy);
}
