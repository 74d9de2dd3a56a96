import { z } from 'zod';
import { LONGEST_QUOTE, redact } from '../redact.ts';
import { GITHUB, githubRequest } from './github-request.ts';
import { HostError, parseResponse } from './host-request.ts';
import type { GithubAccess } from './note-target.ts';
import { pullRequestStep, type PullRequest } from './pull-request-step.ts';

/** What a pull request is to say, and from where to where. */
export interface PullRequestText {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** `closed` stays so: somebody has said no to just this commit. */
export interface OpenedPullRequest {
  readonly state: 'opened' | 'updated' | 'closed';
  readonly url: string;
}

const Pull = z
  .object({
    number: z.number(),
    state: z.string(),
    html_url: z.string(),
    head: z.object({ sha: z.string() }),
  })
  .transform(({ number, state, html_url: url, head }) => ({
    number,
    state,
    url,
    commit: head.sha,
  }));

/** Sees to it that the proposal whose branch is on `commit` has a pull request with this text. */
export async function openPullRequest(
  access: GithubAccess,
  text: PullRequestText,
  commit: string,
): Promise<OpenedPullRequest> {
  const plan = pullRequestStep(await listPulls(access, text), commit);
  if (plan.step === 'leave') return { state: 'closed', url: plan.pull.url };
  if (plan.step === 'update') return update(access, text, plan.pull);
  const response = await githubRequest(
    access,
    { method: 'POST', path: 'pulls', body: { ...text } },
    [422],
  );
  if (response.status !== 422)
    return { state: 'opened', url: parseResponse(GITHUB, Pull, response).url };
  // Another run was faster, or GitHub has another reason, which only its message tells.
  const open = (await listPulls(access, text)).find(({ state }) => state === 'open');
  if (open !== undefined) return update(access, text, open);
  const quoted = redact(JSON.stringify(response.json), [access.token], LONGEST_QUOTE);
  const problem = `GitHub does not open a pull request from ${text.head} to ${text.base}: ${quoted}`;
  throw new HostError('GITHUB_REFUSED', problem, 'see what GitHub says, then run this again');
}

async function listPulls(
  access: GithubAccess,
  { head, base }: PullRequestText,
): Promise<readonly PullRequest[]> {
  const [owner = ''] = access.repository.split('/');
  const query = new URLSearchParams({
    head: `${owner}:${head}`,
    base,
    state: 'all',
    sort: 'created',
    direction: 'desc',
    per_page: '100',
  });
  const response = await githubRequest(access, {
    method: 'GET',
    path: `pulls?${query.toString()}`,
  });
  return parseResponse(GITHUB, z.array(Pull), response);
}

async function update(
  access: GithubAccess,
  { title, body }: PullRequestText,
  { number, url }: PullRequest,
): Promise<OpenedPullRequest> {
  await githubRequest(access, { method: 'PATCH', path: `pulls/${number}`, body: { title, body } });
  return { state: 'updated', url };
}
