import type { Environment } from '../environment.ts';
import { githubAccess, githubApi } from '../merge-request/github-api.ts';
import { gitlabApi } from '../merge-request/gitlab-api.ts';
import type { HostApi } from '../merge-request/host-api.ts';
import type { GitlabIdentity } from '../settings/settings.ts';

const LATER = 'run this again later';

/** The API of the GitLab that the stack trusts. Throws an InvalidInputError. */
export function readingGitlab({ issuer }: GitlabIdentity, environment: Environment): HostApi {
  const needs = 'a token with the scope read_api and the role Maintainer';
  return { ...gitlabApi(environment, needs, `${issuer}api/v4`), patience: LATER };
}

/** GitHub's API, and the repository that GITHUB_REPOSITORY names. Throws an InvalidInputError. */
export function readingGithub(environment: Environment) {
  const needs = 'a token with the repository permission "Administration: read"';
  const access = githubAccess(environment, needs);
  const api = githubApi(access, `set GITHUB_TOKEN to ${needs}`);
  return { api: { ...api, patience: LATER }, repository: access.repository };
}
