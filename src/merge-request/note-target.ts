import type { Environment } from '../environment.ts';
import { InvalidInputError, type Problem, failure } from '../problem.ts';
import { isLoopback } from '../url.ts';

/** Access to one merge request by GitLab's API. */
export interface GitlabMergeRequest {
  readonly host: 'gitlab';
  /** Such as `https://gitlab.example.com/api/v4`. */
  readonly api: string;
  readonly project: string;
  /** Its number in the project. */
  readonly number: string;
  readonly token: string;
}

export interface GithubPullRequest extends GithubAccess {
  readonly host: 'github';
  readonly number: string;
}

/** The merge request that a pipeline runs for. */
export type NoteTarget = GitlabMergeRequest | GithubPullRequest;

/**
 * The merge request in a pipeline's variables ("Predefined CI/CD variables", "Default environment
 * variables"); `undefined` when the pipeline runs for none. Throws an InvalidInputError with all that is
 * missing.
 */
export function noteTarget(environment: Environment): NoteTarget | undefined {
  const { CI_MERGE_REQUEST_IID: iid = '', GITHUB_REF: ref = '' } = environment;
  if (iid !== '') return gitlabTarget(environment, iid);
  const number = /^refs\/pull\/([1-9][0-9]*)\//.exec(ref)?.[1];
  if (number === undefined) return undefined;
  const access = githubAccess(environment);
  if ('problems' in access) throw new InvalidInputError(access.problems);
  return { host: 'github', ...access, number };
}

function gitlabTarget(environment: Environment, number: string): GitlabMergeRequest {
  const { CI_API_V4_URL: api = '', CI_PROJECT_ID: project = '' } = environment;
  const { GITLAB_TOKEN: token = '' } = environment;
  const problems: Problem[] = [];
  if (token === '') {
    const remedy = 'set it to a project access token with the scope api and the role Reporter';
    problems.push(failure('GITLAB_TOKEN_MISSING', 'GITLAB_TOKEN is not set', remedy));
  }
  if (!/^[1-9][0-9]*$/.test(project) || !/^[1-9][0-9]*$/.test(number)) {
    const problem = 'CI_PROJECT_ID and CI_MERGE_REQUEST_IID are no numbers';
    problems.push(failure('GITLAB_PROJECT_MISSING', problem, 'run this in a job of GitLab'));
  }
  if (!isSafeAddress(api)) {
    const problem = 'CI_API_V4_URL is no https address, and a token is sent there';
    const remedy = 'write it like https://gitlab.example.com/api/v4';
    problems.push(failure('GITLAB_API_UNSAFE', problem, remedy));
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return { host: 'gitlab', api: api.replace(/\/+$/, ''), project, number, token };
}

/** Access to a repository by GitHub's API. */
export interface GithubAccess {
  /** Without a slash at its end. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
}

/** From the variables of GitHub Actions, which others can set, too ("Default environment variables"). */
export function githubAccess(
  environment: Environment,
): GithubAccess | { readonly problems: readonly Problem[] } {
  const { GITHUB_TOKEN: token = '', GITHUB_REPOSITORY: repository = '' } = environment;
  const { GITHUB_API_URL: set = '' } = environment;
  const api = set === '' ? 'https://api.github.com' : set.replace(/\/+$/, '');
  const problems: Problem[] = [];
  if (token === '') {
    const remedy = 'set it to a token that may write contents and pull requests';
    problems.push(failure('GITHUB_TOKEN_MISSING', 'GITHUB_TOKEN is not set', remedy));
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    const problem = 'GITHUB_REPOSITORY does not name a repository';
    problems.push(failure('GITHUB_REPOSITORY_MISSING', problem, 'set it to owner/name'));
  }
  if (!isSafeAddress(api)) {
    const problem = 'GITHUB_API_URL is no https address, and a token is sent there';
    problems.push(failure('GITHUB_API_UNSAFE', problem, 'write it like https://api.github.com'));
  }
  return problems.length > 0 ? { problems } : { api, repository, token };
}

/** Whether a secret may be sent to an address: by https, or to this machine. */
export function isSafeAddress(address: string): boolean {
  const url = URL.parse(address);
  if (url?.protocol === 'https:') return true;
  return url?.protocol === 'http:' && isLoopback(url.hostname);
}
