import {
  hostRequest,
  type HostAnswer,
  type HostApi,
  type HostRequest,
} from '../http/host-request.ts';
import type { GithubAccess } from './note-target.ts';

export interface GithubQuestion {
  readonly method: HostRequest['method'];
  /** Below the repository, such as `pulls`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * Asks GitHub's REST API about the repository ("REST API endpoints for pull requests", version
 * 2022-11-28). Throws as `hostRequest` does: GITHUB_UNREACHABLE, GITHUB_REFUSED.
 */
export async function githubRequest(
  { api, repository, token }: GithubAccess,
  { method, path, body }: GithubQuestion,
  expected: readonly number[] = [],
): Promise<HostAnswer> {
  const host: HostApi = {
    ...{ name: 'GitHub', prefix: 'GITHUB', token, remedies: REMEDIES },
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    patience: 'run this again later: what is pushed already is found, and gets its pull request',
  };
  const url = `${api}/repos/${repository}/${path}`;
  const place = `/repos/${repository}/${path.split('?')[0] ?? ''}`;
  return hostRequest(host, { method, url, place, ...(body && { body }) }, expected);
}

/** What GITHUB_TOKEN needs, by how GitHub says no. It says 404 for what a token may not see. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'set GITHUB_TOKEN to a token that is valid',
  403: 'give the token "pull-requests: write", and let Actions create pull requests in the settings',
  404: 'check GITHUB_REPOSITORY and GITHUB_API_URL, and that the token may see the repository',
};
