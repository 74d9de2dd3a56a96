/** A pull request as GitHub lists it, as far as it matters here. */
export interface PullRequest {
  readonly number: number;
  readonly state: string;
  readonly url: string;
  /** The commit that its branch is on, or was when it was closed. */
  readonly commit: string;
}

/** What is to be done so that a proposal has its pull request. */
export type PullRequestStep =
  { readonly step: 'create' } | { readonly step: 'update' | 'leave'; readonly pull: PullRequest };

/**
 * One that is open is brought up to date. One that somebody closed is a no to what it proposed, and
 * stays closed until there is something else to propose. `pulls` are those of the proposal's branch,
 * the newest first; `commit` is where that branch is.
 */
export function pullRequestStep(pulls: readonly PullRequest[], commit: string): PullRequestStep {
  const open = pulls.find(({ state }) => state === 'open');
  if (open !== undefined) return { step: 'update', pull: open };
  const closed = pulls.find((pull) => pull.commit === commit);
  return closed === undefined ? { step: 'create' } : { step: 'leave', pull: closed };
}
