import type { Environment } from '../environment.ts';
import { failure } from '../failure.ts';
import { githubAccess, type GithubAccess } from './note-target.ts';
import { InvalidInputError, type Problem } from '../problem.ts';

/** Where merge requests are opened. */
export type HostName = 'gitlab' | 'github';

/** How a refresh is handed in: the stack's `refreshChanges`. */
export type Mode = 'merge-request' | 'commit';

/** The branch that a refresh is proposed on; nobody else's commits belong there. */
export const PROPOSAL_BRANCH = 'images-refresh';

export interface TargetRequest {
  readonly mode: Mode;
  /** What the command line says. */
  readonly asked: { readonly branch?: string; readonly host?: HostName };
  readonly environment: Environment;
  /** What is checked out; absent when HEAD is detached, as it is in most pipelines. */
  readonly currentBranch?: string;
}

/** What a refresh is for. A merge request has a host. */
export type Target =
  | { readonly mode: 'commit'; readonly branch: string }
  | { readonly mode: 'merge-request'; readonly branch: string; readonly host: Host };

export type Host = { readonly name: 'gitlab' } | ({ readonly name: 'github' } & GithubAccess);

type Found<T> = T | { readonly problems: readonly Problem[] };

/** The names by which pipelines tell the branch: GitLab, GitHub Actions, Cloud Build. */
const BRANCH_VARIABLES = ['CI_COMMIT_BRANCH', 'GITHUB_REF_NAME', 'BRANCH_NAME'];

/** Throws an InvalidInputError with all that is missing, before anything is changed or pushed. */
export function proposalTarget(request: TargetRequest): Target {
  const { mode, asked, environment } = request;
  const found = branchOf(request);
  const host = mode === 'commit' ? undefined : hostOf(asked.host, environment);
  const problems = [
    ...('problems' in found ? found.problems : []),
    ...(host !== undefined && 'problems' in host ? host.problems : []),
  ];
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
  const told = BRANCH_VARIABLES.map((name) => environment[name] ?? '');
  const branch = asked.branch ?? told.find((name) => name !== '') ?? currentBranch;
  if (branch === undefined) {
    const problem = 'nothing says which branch the refresh is for';
    return { problems: [failure('BRANCH_UNKNOWN', problem, 'name it with --branch')] };
  }
  if (branch !== PROPOSAL_BRANCH) return { branch };
  const problem = `${branch} is the branch that a refresh is proposed on`;
  const remedy = 'run this on the branch that it is merged into';
  return { problems: [failure('BRANCH_IS_PROPOSAL', problem, remedy)] };
}

function hostOf(asked: HostName | undefined, environment: Environment): Found<Host> {
  const name = asked ?? hostOfPipeline(environment);
  if (name === 'gitlab') return { name };
  if (name === 'github') {
    const access = githubAccess(environment);
    return 'problems' in access ? access : { name, ...access };
  }
  const problem = 'nothing says where the merge request is to be opened';
  const remedy = 'write --host gitlab or --host github, or set refreshChanges to commit';
  return { problems: [failure('HOST_UNKNOWN', problem, remedy)] };
}

function hostOfPipeline({
  GITLAB_CI = '',
  GITHUB_ACTIONS = '',
}: Environment): HostName | undefined {
  if (GITLAB_CI !== '') return 'gitlab';
  return GITHUB_ACTIONS === '' ? undefined : 'github';
}
