import type { Environment } from '../environment.ts';
import { collectProblems, InvalidInputError, type Problem } from '../problem.ts';
import { githubAccess, githubApi } from './github-api.ts';
import { gitlabApi } from './gitlab-api.ts';
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
  const { CI_PROJECT_ID: project = '' } = environment;
  const problems: Problem[] = [];
  const token = 'a project access token with the scope api and the role Reporter';
  const api = collectProblems(problems, () => gitlabApi(environment, token));
  if (![project, number].every((part) => /^[1-9][0-9]*$/.test(part))) {
    const problem = 'CI_PROJECT_ID and CI_MERGE_REQUEST_IID are no numbers';
    problems.push({
      code: 'GITLAB_PROJECT_MISSING',
      problem,
      remedy: 'run this in a job of GitLab',
    });
  }
  if (api === undefined || problems.length > 0) throw new InvalidInputError(problems);
  const notes = `/projects/${project}/merge_requests/${number}/notes`;
  return {
    api,
    notes,
    query: '&sort=asc&order_by=created_at',
    note: `${notes}/`,
    editMethod: 'PUT',
    owner: '/user',
  };
}
