import { z } from 'zod';
import type { RetryOptions } from '../http/retry.ts';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { githubApi, type GithubAccess } from './github-api.ts';
import { HostError, hostRequest, parseResponse, remedyOf, retryHost } from './host-api.ts';

/** The branches and the text of a pull request. */
interface PullRequestText {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** `closed` stays so: a person rejected this very commit. */
export interface OpenedPullRequest {
  readonly state: 'opened' | 'updated' | 'closed';
  readonly url: string;
}

/** A pull request. Its head is that of its branch, as of now or as of when it was closed. */
const Pull = z.object({
  number: z.number(),
  state: z.string(),
  html_url: z.string(),
  head: z.object({ sha: z.string() }),
});

/**
 * Opens a pull request for the proposal whose branch is on `commit`, or updates the open one. A closed one
 * of the same commit stays closed until something else is proposed. Retries all of it, as it may have been opened
 * though no response came. Throws a HostError.
 */
export function openPullRequest(
  access: GithubAccess,
  text: PullRequestText,
  commit: string,
  options: RetryOptions = {},
): Promise<OpenedPullRequest> {
  return retryHost(() => openOnce(access, text, commit), options);
}

async function openOnce(
  access: GithubAccess,
  text: PullRequestText,
  commit: string,
): Promise<OpenedPullRequest> {
  const { head, base, title, body } = text;
  const api = githubApi(access);
  // "REST API endpoints for pull requests".
  const path = `/repos/${access.repository}/pulls`;
  const [owner = ''] = access.repository.split('/');
  const between = new URLSearchParams({ head: `${owner}:${head}`, base });
  const query = `${between.toString()}&state=all&sort=created&direction=desc&per_page=100`;
  const list = async () => {
    const response = await hostRequest(api, { method: 'GET', path: `${path}?${query}` });
    return parseResponse(api, z.array(Pull), response);
  };
  const updateOpen = async (pulls: readonly z.output<typeof Pull>[]) => {
    const open = pulls.find(({ state }) => state === 'open');
    if (open === undefined) return undefined;
    const request = { path: `${path}/${open.number}`, body: { title, body } };
    await hostRequest(api, { method: 'PATCH', ...request });
    return { state: 'updated', url: open.html_url } as const;
  };

  const pulls = await list();
  const updated = await updateOpen(pulls);
  if (updated !== undefined) return updated;
  const closed = pulls.find((pull) => pull.head.sha === commit);
  if (closed !== undefined) return { state: 'closed', url: closed.html_url };
  const response = await hostRequest(api, { method: 'POST', path, body: { ...text } }, [422]);
  if (response.status !== 422) {
    return { state: 'opened', url: parseResponse(api, Pull, response).html_url };
  }
  // Another run opened it first, or GitHub refuses for a reason that only its message has.
  const other = await updateOpen(await list());
  if (other !== undefined) return other;
  const says = JSON.stringify(response.json);
  const quoted = redact(says, [access.token], LONGEST_QUOTE);
  const problem = `GitHub does not open a pull request from ${head} to ${base}: ${quoted}`;
  throw new HostError(api, 'REFUSED', problem, remedyOf(api, response, says));
}
