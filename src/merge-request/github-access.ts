import { failure } from '../failure.ts';
import { isSafeAddress } from './is-safe-address.ts';
import type { Environment } from '../environment.ts';
import type { Problem } from '../problem.ts';

/** How GitHub's API is asked. */
export interface GithubAccess {
  /** Without a slash at its end. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
}

/** What GitHub Actions sets, and anybody else can ("Variables", "Default environment variables"). */
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
