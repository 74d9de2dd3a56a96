import type { Environment } from '../environment.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import { isSecureAddress } from '../url.ts';
import type { HostApi } from './host-api.ts';

/**
 * GitLab's REST API at the address of CI_API_V4_URL, or else at `address`, with the token in GITLAB_TOKEN, for which
 * `needs` says in words what it must be. Throws an InvalidInputError with all that is missing.
 */
export function gitlabApi(
  { CI_API_V4_URL: set = '', GITLAB_TOKEN: token = '' }: Environment,
  needs: string,
  address = '',
): HostApi {
  const url = set === '' ? address : set.replace(/\/+$/, '');
  const problems: Problem[] = [];
  if (token === '') {
    const remedy = `set it to ${needs}`;
    problems.push({ code: 'GITLAB_TOKEN_MISSING', problem: 'GITLAB_TOKEN is not set', remedy });
  }
  if (!isSecureAddress(url)) {
    const problem = 'CI_API_V4_URL is no https address, and a token is sent there';
    const remedy = 'write it like https://gitlab.example.com/api/v4';
    problems.push({ code: 'GITLAB_API_UNSAFE', problem, remedy });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return {
    name: 'GitLab',
    url,
    token,
    headers: { 'private-token': token },
    remedies: [
      { status: /401/, remedy: 'set GITLAB_TOKEN to a token that is valid' },
      { status: /403/, says: /archived/i, remedy: 'take the project out of the archive' },
      { status: /403/, says: /IP address/, remedy: 'let GitLab take requests from this machine' },
      { status: /403/, remedy: `set GITLAB_TOKEN to ${needs}` },
      { status: /404/, remedy: 'check that the token may see the project and its merge request' },
      { status: /3../, remedy: 'write in CI_API_V4_URL the address that GitLab redirects to' },
    ],
    patience: 'run this job again',
  };
}
