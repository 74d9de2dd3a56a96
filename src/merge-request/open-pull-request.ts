import { z } from 'zod';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { GITHUB, githubRequest, HostError, parseResponse } from './host-request.ts';
import type { GithubAccess } from './note-target.ts';

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

/** A pull request. Its commit is that of its branch, as of now or as of when it was closed. */
const Pull = z
  .object({
    number: z.number(),
    state: z.string(),
    html_url: z.string(),
    head: z.object({ sha: z.string() }),
  })
  .transform(({ number, state, html_url: url, head: { sha: commit } }) => {
    return { number, state, url, commit };
  });

/**
 * Opens a pull request for the proposal whose branch is on `commit`, or updates the open one. A closed one
 * of the same commit stays closed until something else is proposed.
 */
export async function openPullRequest(
  access: GithubAccess,
  text: PullRequestText,
  commit: string,
): Promise<OpenedPullRequest> {
  const pulls = await listPulls(access, text);
  const open = pulls.find(({ state }) => state === 'open');
  if (open !== undefined) return update(access, text, open);
  const closed = pulls.find((pull) => pull.commit === commit);
  if (closed !== undefined) return { state: 'closed', url: closed.url };
  const request = { method: 'POST', path: 'pulls', body: { ...text } } as const;
  const response = await githubRequest(access, request, [422]);
  if (response.status !== 422) {
    return { state: 'opened', url: parseResponse(GITHUB, Pull, response).url };
  }
  // Another run opened it first, or GitHub refuses for a reason that only its message has.
  const other = (await listPulls(access, text)).find(({ state }) => state === 'open');
  if (other !== undefined) return update(access, text, other);
  const quoted = redact(JSON.stringify(response.json), [access.token], LONGEST_QUOTE);
  const problem = `GitHub does not open a pull request from ${text.head} to ${text.base}: ${quoted}`;
  throw new HostError('GITHUB_REFUSED', problem, 'see what GitHub says, then run this again');
}

/** The pull requests between two branches, the newest first. */
async function listPulls(access: GithubAccess, { head, base }: PullRequestText) {
  const [owner = ''] = access.repository.split('/');
  const query = new URLSearchParams({
    head: `${owner}:${head}`,
    base,
    state: 'all',
    sort: 'created',
    direction: 'desc',
    per_page: '100',
  });
  const path = `pulls?${query.toString()}`;
  return parseResponse(GITHUB, z.array(Pull), await githubRequest(access, { method: 'GET', path }));
}

async function update(
  access: GithubAccess,
  { title, body }: PullRequestText,
  { number, url }: z.output<typeof Pull>,
): Promise<OpenedPullRequest> {
  await githubRequest(access, { method: 'PATCH', path: `pulls/${number}`, body: { title, body } });
  return { state: 'updated', url };
}
