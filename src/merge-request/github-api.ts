import type { Environment } from '../environment.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import { isSecureAddress } from '../url.ts';
import type { HostApi } from './host-api.ts';

/** Access to a repository by GitHub's API. */
export interface GithubAccess {
  /** Without a slash at its end. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
}

/**
 * Reads the variables of GitHub Actions, which others can set, too ("Default environment variables").
 * `needs` says in words what the token must be. Throws an InvalidInputError with all that is missing.
 */
export function githubAccess(
  environment: Environment,
  needs = 'a token that may write contents and pull requests',
): GithubAccess {
  const { GITHUB_TOKEN: token = '', GITHUB_REPOSITORY: repository = '' } = environment;
  const { GITHUB_API_URL: set = '' } = environment;
  const api = set === '' ? 'https://api.github.com' : set.replace(/\/+$/, '');
  const problems: Problem[] = [];
  if (token === '') {
    const remedy = `set it to ${needs}`;
    problems.push({ code: 'GITHUB_TOKEN_MISSING', problem: 'GITHUB_TOKEN is not set', remedy });
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    const problem = 'GITHUB_REPOSITORY does not name a repository';
    problems.push({ code: 'GITHUB_REPOSITORY_MISSING', problem, remedy: 'set it to owner/name' });
  }
  if (!isSecureAddress(api)) {
    const problem = 'GITHUB_API_URL is no https address, and a token is sent there';
    problems.push({
      code: 'GITHUB_API_UNSAFE',
      problem,
      remedy: 'write it like https://api.github.com',
    });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return { api, repository, token };
}

/** GitHub's REST API, version 2022-11-28. `denied` is the remedy where the token lacks a permission. */
export function githubApi(
  { api, token }: GithubAccess,
  denied = 'give the token "pull-requests: write"',
): HostApi {
  return {
    name: 'GitHub',
    url: api,
    token,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    // GitHub says 404 for what a token may not see.
    remedies: [
      { status: /401/, remedy: 'set GITHUB_TOKEN to a token that is valid' },
      {
        status: /403/,
        says: /SAML/,
        remedy: 'authorize GITHUB_TOKEN for single sign-on of the organization, in its settings',
      },
      {
        status: /403/,
        says: /not permitted to create or approve pull requests/,
        remedy: 'let Actions create pull requests, in the settings of the repository',
      },
      {
        status: /403/,
        says: /IP allow list/,
        remedy: "run this on a machine in the organization's IP allow list",
      },
      { status: /403/, says: /archived/i, remedy: 'take the repository out of the archive' },
      { status: /403/, remedy: denied },
      {
        status: /404/,
        remedy:
          'check GITHUB_REPOSITORY and GITHUB_API_URL, and that the token may see the repository',
      },
      { status: /3../, remedy: 'write in GITHUB_REPOSITORY the name that the repository has now' },
      {
        status: /422/,
        says: /No commits between/,
        remedy: 'nothing is left to merge: the branch has these changes',
      },
      { status: /422/, says: /"base"/, remedy: 'name an existing branch with --branch' },
    ],
    patience: 'run this again later: what is pushed already is found, and gets its pull request',
  };
}
