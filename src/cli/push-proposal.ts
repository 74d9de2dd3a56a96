import process from 'node:process';
import type { Proposal, ProposalPlace } from './proposal.ts';
import type { CliContext } from './subcommand.ts';
import type { Push, PushRemote } from '../git/push-remote.ts';
import { openPullRequest, type OpenedPullRequest } from '../merge-request/open-pull-request.ts';
import { isSameCommit } from '../git/commit-object.ts';
import {
  commitIdentity,
  isProposal,
  proposalText,
  type ProposalText,
} from '../merge-request/proposal-commit.ts';
import { PROPOSAL_BRANCH, type Host } from '../merge-request/proposal-target.ts';
import { inputError } from '../problem.ts';

/** A proposal on its remote. */
export interface PushedProposal {
  /** The commit on the remote, which an earlier run may have pushed. */
  readonly commit: string;
  /** False when an earlier run pushed the commit. */
  readonly isNew: boolean;
  readonly pullRequest?: OpenedPullRequest;
}

/** Pushes a proposal: to the branch itself, or to the proposals' branch with a merge request. */
export async function pushProposal(
  place: ProposalPlace,
  proposal: Proposal,
  err: CliContext['err'],
): Promise<PushedProposal> {
  const { target, remote } = place;
  const push = (what: Push) => {
    const response = remote.push(what);
    if (response !== '') err(`${remote.name} says: ${response}\n`);
  };
  return target.mode === 'commit'
    ? pushCommit(place, proposal, push)
    : pushMergeRequest(place, target.host, proposal, push);
}

function pushCommit(
  { head, remote, target: { branch } }: ProposalPlace,
  { commit, tree }: Proposal,
  push: (push: Push) => void,
): PushedProposal {
  const tip = tipOf(remote, branch, remote.tips([branch]));
  if (tip === head.commit) {
    push({ commit, branch });
    return { commit, isNew: true };
  }
  const isThere = isSameCommit(remote.read(branch, tip), tree, head.commit);
  if (!isThere) throw branchMoved(remote, branch, tip, head.commit);
  return { commit: tip, isNew: false };
}

async function pushMergeRequest(
  { file, head, remote, target: { branch } }: ProposalPlace,
  host: Host,
  { commit: made, tree, edits }: Proposal,
  push: (push: Push) => void,
): Promise<PushedProposal> {
  const tips = remote.tips([branch, PROPOSAL_BRANCH]);
  const tip = tipOf(remote, branch, tips);
  if (tip !== head.commit) throw branchMoved(remote, branch, tip, head.commit);
  const seen = tips.get(PROPOSAL_BRANCH);
  const there = seen === undefined ? undefined : remote.read(PROPOSAL_BRANCH, seen);
  const { GIT_COMMITTER_EMAIL: committer } = commitIdentity(process.env);
  if (there !== undefined && seen !== tip && !isProposal(there, committer)) {
    throw inputError(
      'PROPOSAL_TAKEN',
      `the newest commit on ${PROPOSAL_BRANCH} of ${remote.name} is no proposal, but by ${there.committerEmail}`,
      "merge that branch or delete it; nobody's commits are overwritten",
    );
  }
  const isNew = there === undefined || !isSameCommit(there, tree, head.commit);
  const commit = isNew ? made : (seen ?? made);
  const text = proposalText(file, edits);
  if (isNew) {
    const options = host.name === 'gitlab' ? gitlabOptions(branch, text) : [];
    push({ commit, branch: PROPOSAL_BRANCH, replacing: seen ?? 'none', options });
  }
  if (host.name === 'gitlab') return { commit, isNew };
  const { subject: title, description: body } = text;
  const words = { head: PROPOSAL_BRANCH, base: branch, title, body };
  return { commit, isNew, pullRequest: await openPullRequest(host, words, commit) };
}

/** GitLab opens or updates a merge request when a push has these options ("Push options"). */
function gitlabOptions(branch: string, { subject, line }: ProposalText): readonly string[] {
  return [
    'merge_request.create',
    `merge_request.target=${branch}`,
    `merge_request.title=${subject}`,
    `merge_request.description=${line}`,
    'merge_request.remove_source_branch',
  ];
}

function tipOf({ name }: PushRemote, branch: string, tips: ReadonlyMap<string, string>): string {
  const tip = tips.get(branch);
  if (tip !== undefined) return tip;
  const problem = `${name} has no branch ${branch}`;
  throw inputError('BRANCH_MISSING', problem, 'name an existing branch with --branch');
}

/** The error before a push that would take along other commits of the checkout. */
function branchMoved({ name }: PushRemote, branch: string, tip: string, head: string) {
  const problem = `${branch} of ${name} is on ${tip}, and the checkout on ${head}`;
  const remedy = 'check out the newest commit, and refresh that';
  return inputError('BRANCH_MOVED', problem, remedy);
}
