import type { Environment } from '../environment.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import { isSecureAddress } from '../url.ts';
import { githubAccess, githubApi } from './github-api.ts';
import type { HostApi, HostRequest } from './host-api.ts';

/** The notes of the merge request that a pipeline runs for, by the paths of a code host's API. */
export interface NoteTarget {
  readonly api: HostApi;
  /** Lists notes, and posts one. */
  readonly notes: string;
  /** Lists the oldest notes first. */
  readonly query: string;
  /** The path of a note, but for its number. */
  readonly note: string;
  readonly editMethod: HostRequest['method'];
  /** The owner of the token, whose notes alone count; absent where the token may not know. */
  readonly owner?: string;
}

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
  const issues = `/repos/${access.repository}/issues`;
  // "REST API endpoints for issue comments".
  return {
    api: githubApi(access),
    notes: `${issues}/${number}/comments`,
    query: '',
    note: `${issues}/comments/`,
    editMethod: 'PATCH',
  };
}

/** "Notes API", "Merge requests". */
function gitlabTarget(environment: Environment, number: string): NoteTarget {
  const { CI_API_V4_URL: url = '', CI_PROJECT_ID: project = '' } = environment;
  const { GITLAB_TOKEN: token = '' } = environment;
  const problems: Problem[] = [];
  if (token === '') {
    const remedy = 'set it to a project access token with the scope api and the role Reporter';
    problems.push({ code: 'GITLAB_TOKEN_MISSING', problem: 'GITLAB_TOKEN is not set', remedy });
  }
  if (![project, number].every((part) => /^[1-9][0-9]*$/.test(part))) {
    const problem = 'CI_PROJECT_ID and CI_MERGE_REQUEST_IID are no numbers';
    problems.push({
      code: 'GITLAB_PROJECT_MISSING',
      problem,
      remedy: 'run this in a job of GitLab',
    });
  }
  if (!isSecureAddress(url)) {
    const problem = 'CI_API_V4_URL is no https address, and a token is sent there';
    const remedy = 'write it like https://gitlab.example.com/api/v4';
    problems.push({ code: 'GITLAB_API_UNSAFE', problem, remedy });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  const notes = `/projects/${project}/merge_requests/${number}/notes`;
  return {
    api: {
      name: 'GitLab',
      url: url.replace(/\/+$/, ''),
      token,
      headers: { 'private-token': token },
      remedies: {
        401: 'set GITLAB_TOKEN to a token that is valid',
        403: 'give the token the scope api and the role Reporter',
        404: 'check that the token may see the project and its merge request',
      },
      patience: 'run this job again',
    },
    notes,
    query: '&sort=asc&order_by=created_at',
    note: `${notes}/`,
    editMethod: 'PUT',
    owner: '/user',
  };
}
