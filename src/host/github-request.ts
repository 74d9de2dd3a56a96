import { proposalError } from '../propose/failure.ts';
import type { GithubAccess } from '../propose/github-access.ts';
import { redact } from '../propose/redact.ts';

const TIMEOUT_MS = 30_000;
/** Characters of an answer that are shown. */
const SHOWN = 300;

export interface GithubQuestion {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below the repository, such as `pulls`. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface GithubAnswer {
  readonly status: number;
  /** Absent when the answer is no JSON. */
  readonly json: unknown;
}

/**
 * Asks GitHub's REST API about the repository ("REST API endpoints for pull requests", version
 * 2022-11-28). Returns a good answer, or one with a status of `expected`; throws an InvalidInputError for
 * every other (GITHUB_UNREACHABLE, GITHUB_REFUSED). Follows no redirect: the token is for one address.
 */
export async function githubRequest(
  { api, repository, token }: GithubAccess,
  { method, path, body }: GithubQuestion,
  expected: readonly number[] = [],
): Promise<GithubAnswer> {
  const place = `${method} /repos/${repository}/${path.split('?')[0] ?? ''}`;
  const answer = await attempt(`${api}/repos/${repository}/${path}`, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'kubernetes-ci-images',
      'x-github-api-version': '2022-11-28',
    },
    redirect: 'manual',
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if ('reason' in answer) throw unreachable(place, redact(answer.reason, [token]));
  const { status, text } = answer;
  if ((status >= 200 && status < 300) || expected.includes(status)) {
    return { status, json: parse(text) };
  }
  const said = redact(messageOf(text), [token]).slice(0, SHOWN);
  if (status >= 500) throw unreachable(place, `${status} ${said}`);
  throw refused(place, status, said);
}

type Attempt = { readonly status: number; readonly text: string } | { readonly reason: string };

async function attempt(url: string, init: RequestInit): Promise<Attempt> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(text: string): string {
  const json = parse(text);
  const isObject = typeof json === 'object' && json !== null;
  return isObject && 'message' in json && typeof json.message === 'string' ? json.message : text;
}

function unreachable(place: string, why: string) {
  const problem = `GitHub gave no answer to ${place}: ${why}`;
  const remedy = 'run this again later: what is pushed already is found, and gets its pull request';
  return proposalError('GITHUB_UNREACHABLE', problem, remedy);
}

/** What GITHUB_TOKEN needs, by how GitHub says no. It says 404 for what a token may not see. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: 'set GITHUB_TOKEN to a token that is valid',
  403: 'give the token "pull-requests: write", and let Actions create pull requests in the settings',
  404: 'check GITHUB_REPOSITORY and GITHUB_API_URL, and that the token may see the repository',
};

function refused(place: string, status: number, said: string) {
  const remedy = REMEDIES[status] ?? 'see what GitHub says, then run this again';
  return proposalError('GITHUB_REFUSED', `GitHub says ${status} to ${place}: ${said}`, remedy);
}
