import { hostRequest, type HostResponse, type HostApi, type HostRequest } from './host-request.ts';
import type { GithubAccess } from './note-target.ts';

export const GITHUB = { name: 'GitHub', prefix: 'GITHUB' } as const;

export interface GithubRequest {
  readonly method: HostRequest['method'];
  /** Below the repository, such as `pulls`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * Sends a request to GitHub's REST API, about the repository ("REST API endpoints for pull requests", version
 * 2022-11-28). Throws a HostError.
 */
export async function githubRequest(
  { api, repository, token }: GithubAccess,
  { method, path, body }: GithubRequest,
  expected: readonly number[] = [],
): Promise<HostResponse> {
  const host: HostApi = {
    ...GITHUB,
    token,
    remedies: REMEDIES,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    patience: 'run this again later: what is pushed already is found, and gets its pull request',
  };
  const url = `${api}/repos/${repository}/${path}`;
  const place = `/repos/${repository}/${path.split('?')[0] ?? ''}`;
  return hostRequest(host, { method, url, place, body }, expected);
}

/** What GITHUB_TOKEN needs, by how GitHub refuses a request. It says 404 for what a token may not see. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'set GITHUB_TOKEN to a token that is valid',
  403: 'give the token "pull-requests: write", and let Actions create pull requests in the settings',
  404: 'check GITHUB_REPOSITORY and GITHUB_API_URL, and that the token may see the repository',
};
