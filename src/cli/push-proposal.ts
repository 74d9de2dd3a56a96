import process from 'node:process';
import type { CliContext } from './subcommand.ts';
import { inputError } from '../problem.ts';
import {
  commitFile,
  type MadeCommit,
  currentBranch,
  headFile,
  type HeadFile,
  moveHead,
} from '../git/commit-file.ts';
import { otherChanges } from '../git/checkout-state.ts';
import { pushRemote, type PushRemote } from '../git/push-remote.ts';
import { GitError } from '../git/run-git.ts';
import { openPullRequest, type OpenedPullRequest } from '../merge-request/open-pull-request.ts';
import { commitIdentity, isProposal, isSameCommit } from '../merge-request/proposal-commit.ts';
import {
  PROPOSAL_BRANCH,
  proposalTarget,
  type Host,
  type HostName,
  type Target,
} from '../merge-request/proposal-target.ts';
import { proposalText, type ProposalText } from '../merge-request/proposal-text.ts';
import type { CatalogEdit } from '../refresh/edits.ts';
import type { Settings } from '../settings/settings.ts';

/** The options of a command that proposes changes. */
export interface ProposalOptions {
  readonly branch?: string;
  readonly remote: string;
  readonly host?: HostName;
}

/** A catalog in git, and where changes of it are proposed. */
export interface ProposalPlace {
  readonly root: string;
  readonly file: string;
  readonly head: HeadFile;
  readonly target: Target;
  readonly remote: PushRemote;
}

/** Finds the place of a proposal. Changes nothing. Throws an InvalidInputError with all that is missing. */
export function proposalPlace(
  root: string,
  { catalogFile: file, refreshChanges: mode }: Settings,
  { remote, ...asked }: ProposalOptions,
): ProposalPlace {
  const environment = process.env;
  const target = proposalTarget({ mode, asked, environment, currentBranch: currentBranch(root) });
  const head = headFile(root, file);
  return { root, file, head, target, remote: pushRemote(root, remote, environment) };
}

/** Runs `work` and reports an error of git as a problem (GIT_FAILED). */
export async function explainGit<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const remedy = 'run this at the top of a clone whose commit has the catalog';
    throw inputError('GIT_FAILED', error.message, remedy);
  }
}

/** Changes of the catalog as a commit that no branch has yet. */
export interface Proposal extends MadeCommit {
  readonly edits: readonly CatalogEdit[];
  readonly text: ProposalText;
  readonly committerEmail: string;
}

/** Commits `bytes` as the catalog. Neither the checkout nor a branch changes. */
export function makeProposal(
  { root, file, head }: ProposalPlace,
  edits: readonly CatalogEdit[],
  bytes: Uint8Array,
  err: CliContext['err'],
): Proposal {
  warnOfOthers(otherChanges(root, file), err);
  const text = proposalText(file, edits);
  const message = `${text.subject}\n\n${text.body}`;
  const identity = commitIdentity(process.env);
  const made = commitFile(root, head, { file, bytes, message, identity });
  return { ...made, edits, text, committerEmail: identity.GIT_COMMITTER_EMAIL };
}

const MOST_PRINTED = 10;

function warnOfOthers(paths: readonly string[], err: CliContext['err']): void {
  if (paths.length === 0) return;
  const shown = paths.slice(0, MOST_PRINTED).map((path) => JSON.stringify(path));
  if (paths.length > shown.length) shown.push(`${paths.length - shown.length} more`);
  err(`warning: left alone, since only the catalog is proposed: ${shown.join(', ')}\n`);
}

/** A proposal on its remote. */
export interface PushedProposal {
  /** On the remote: the commit of an earlier run, if that run got this far. */
  readonly commit: string;
  /** False when an earlier run pushed the commit. */
  readonly isNew: boolean;
  /** The response of the host to the push; often empty. */
  readonly response: string;
  readonly pullRequest?: OpenedPullRequest;
}

/** Pushes a proposal: to the branch itself, or to the proposals' branch with a merge request. */
export async function pushProposal(
  place: ProposalPlace,
  proposal: Proposal,
  err: CliContext['err'],
): Promise<PushedProposal> {
  const { target, remote } = place;
  const pushed =
    target.mode === 'commit'
      ? pushCommit(place, proposal)
      : await pushMergeRequest(place, target.host, proposal);
  if (pushed.response !== '') err(`${remote.name} says: ${pushed.response}\n`);
  return pushed;
}

function pushCommit(
  { head, remote, target: { branch } }: ProposalPlace,
  { commit, tree }: Proposal,
): PushedProposal {
  const tip = tipOf(remote, branch, remote.tips([branch]));
  if (tip === head.commit) {
    return { commit, isNew: true, response: remote.push({ commit, branch }) };
  }
  const isThere = isSameCommit(remote.read(branch, tip), tree, head.commit);
  if (!isThere) throw branchMoved(remote, branch, tip, head.commit);
  return { commit: tip, isNew: false, response: '' };
}

async function pushMergeRequest(
  { head, remote, target: { branch } }: ProposalPlace,
  host: Host,
  proposal: Proposal,
): Promise<PushedProposal> {
  const { text, tree, committerEmail } = proposal;
  const tips = remote.tips([branch, PROPOSAL_BRANCH]);
  const tip = tipOf(remote, branch, tips);
  if (tip !== head.commit) throw branchMoved(remote, branch, tip, head.commit);
  const seen = tips.get(PROPOSAL_BRANCH);
  const there = seen === undefined ? undefined : remote.read(PROPOSAL_BRANCH, seen);
  const isOurs = there === undefined || seen === tip || isProposal(there, committerEmail);
  if (!isOurs) throw proposalTaken(remote, there.committerEmail);
  const isThere = there !== undefined && isSameCommit(there, tree, head.commit);
  const commit = isThere && seen !== undefined ? seen : proposal.commit;
  const options = host.name === 'gitlab' ? gitlabOptions(branch, text) : [];
  const push = { commit, branch: PROPOSAL_BRANCH, replacing: seen ?? 'none', options };
  const pushed = { commit, isNew: !isThere, response: isThere ? '' : remote.push(push) };
  if (host.name === 'gitlab') return pushed;
  const words = { head: PROPOSAL_BRANCH, base: branch, title: text.subject, body: text.body };
  return { ...pushed, pullRequest: await openPullRequest(host, words, commit) };
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

/** Thrown before a push, which would take along all other commits of the checkout. */
function branchMoved({ name }: PushRemote, branch: string, tip: string, head: string) {
  const problem = `${branch} of ${name} is on ${tip}, and the checkout on ${head}`;
  const remedy = 'check out the newest commit, and refresh that';
  return inputError('BRANCH_MOVED', problem, remedy);
}

function proposalTaken({ name }: PushRemote, committer: string) {
  const problem = `the newest commit on ${PROPOSAL_BRANCH} of ${name} is no proposal, but by ${committer}`;
  const remedy = "merge that branch or delete it; nobody's commits are overwritten";
  return inputError('PROPOSAL_TAKEN', problem, remedy);
}

/** Moves the checkout, whose file has the committed content already, to a commit that was pushed. */
export function moveToProposal(
  { root, file, head }: ProposalPlace,
  { blob }: Proposal,
  { commit }: PushedProposal,
): void {
  moveHead(root, head.commit, commit, { file, mode: head.mode, blob });
}
