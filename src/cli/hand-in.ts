import type { HeadFile } from '../git/head-file.ts';
import type { MadeCommit } from '../git/commit-file.ts';
import { moveHead } from '../git/move-head.ts';
import type { PushRemote } from '../git/push-remote.ts';
import { openPullRequest, type OpenedPullRequest } from '../merge-request/open-pull-request.ts';
import { isProposal, isSameCommit } from '../merge-request/proposal-commit.ts';
import { proposalError } from '../failure.ts';
import { PROPOSAL_BRANCH, type Host } from '../merge-request/proposal-target.ts';
import type { ProposalText } from '../merge-request/proposal-text.ts';

/** A refresh as a commit that nobody has yet, and where it is to go. */
export interface HandIn {
  readonly root: string;
  readonly file: string;
  readonly head: HeadFile;
  readonly made: MadeCommit;
  readonly remote: PushRemote;
  /** What the refresh is for. */
  readonly branch: string;
  readonly text: ProposalText;
  /** Whom the commit names as committer. */
  readonly committerEmail: string;
}

/** What came of it. */
export interface HandedIn {
  /** On the remote; another one than was made when an earlier run had got this far. */
  readonly commit: string;
  /** False when it was there already. */
  readonly isNew: boolean;
  readonly pullRequest?: OpenedPullRequest;
  /** What the host said to the push, in one line; often nothing. */
  readonly said: string;
}

/** Pushes the commit to the branch, and moves the checkout to it: what is published then is in git. */
export function handInCommit({ root, file, head, made, remote, branch }: HandIn): HandedIn {
  const tip = tipOf(remote, branch, remote.tips([branch]));
  const entry = { file, mode: head.mode, blob: made.blob };
  if (tip === head.commit) {
    const said = remote.push({ commit: made.commit, branch });
    moveHead(root, head.commit, made.commit, entry);
    return { commit: made.commit, isNew: true, said };
  }
  const isThere = isSameCommit(remote.read(branch, tip), made.tree, head.commit);
  if (!isThere) throw branchMoved(remote, branch, tip, head.commit);
  moveHead(root, head.commit, tip, entry);
  return { commit: tip, isNew: false, said: '' };
}

/** Puts the commit on the proposal's branch, unless it is there, and sees to its merge request. */
export async function handInMergeRequest(handIn: HandIn, host: Host): Promise<HandedIn> {
  const { head, made, remote, branch, text, committerEmail } = handIn;
  const tips = remote.tips([branch, PROPOSAL_BRANCH]);
  const tip = tipOf(remote, branch, tips);
  if (tip !== head.commit) throw branchMoved(remote, branch, tip, head.commit);
  const seen = tips.get(PROPOSAL_BRANCH);
  const there = seen === undefined ? undefined : remote.read(PROPOSAL_BRANCH, seen);
  const isOurs = there === undefined || seen === tip || isProposal(there, committerEmail);
  if (!isOurs) throw proposalTaken(remote, there.committerEmail);
  const isThere = there !== undefined && isSameCommit(there, made.tree, head.commit);
  const commit = isThere && seen !== undefined ? seen : made.commit;
  const options = host.name === 'gitlab' ? gitlabOptions(branch, text) : [];
  const push = { commit, branch: PROPOSAL_BRANCH, replacing: seen ?? 'none', options };
  const said = isThere ? '' : remote.push(push);
  const handedIn = { commit, isNew: !isThere, said };
  if (host.name === 'gitlab') return handedIn;
  const { subject: title, body } = text;
  const words = { head: PROPOSAL_BRANCH, base: branch, title, body };
  return { ...handedIn, pullRequest: await openPullRequest(host, words, commit) };
}

/** GitLab opens a merge request on request of a push, or brings an open one up to date ("Push options"). */
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
  throw proposalError('BRANCH_MISSING', problem, 'name one that it has with --branch');
}

/** Refused before a push, since that would also take along whatever else the checkout has. */
function branchMoved({ name }: PushRemote, branch: string, tip: string, head: string) {
  const problem = `${branch} of ${name} is on ${tip}, and the checkout on ${head}`;
  const remedy = 'check out what is there now, and refresh that';
  return proposalError('BRANCH_MOVED', problem, remedy);
}

function proposalTaken({ name }: PushRemote, whose: string) {
  const problem = `the newest commit on ${PROPOSAL_BRANCH} of ${name} is not from here, but by ${whose}`;
  const remedy = 'merge that branch or delete it; nobody’s commits are overwritten';
  return proposalError('PROPOSAL_TAKEN', problem, remedy);
}
