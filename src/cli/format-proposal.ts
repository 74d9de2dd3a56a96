import type { Proposal, ProposalPlace } from './proposal.ts';
import type { PushedProposal } from './push-proposal.ts';
import { PROPOSAL_BRANCH } from '../merge-request/proposal-target.ts';
import type { CatalogEdit } from '../refresh/edits.ts';
import { stepOf, titleOf } from '../merge-request/proposal-commit.ts';

/** The changes, where they are now, and the state of the checkout. */
export function formatProposalAsText(
  { file, target, remote }: ProposalPlace,
  { edits }: Proposal,
  { commit, isNew, pullRequest }: PushedProposal,
): string {
  const lines = edits.map((edit) => `${titleOf(edit)}\n  ${stepOf(edit)}`);
  const values = edits.length === 1 ? '1 value' : `${edits.length} values`;
  const already = isNew ? '' : 'already ';
  lines.push(
    target.mode === 'commit'
      ? `${file}: ${values} ${already}committed to ${target.branch} of ${remote.name} as ${commit}.\nThe checkout is on that commit now.`
      : `${file}: ${values} ${already}proposed for ${target.branch} on ${PROPOSAL_BRANCH} of ${remote.name} as ${commit}.\nThe checkout has ${file} as in its own commit.`,
  );
  if (pullRequest?.state === 'closed') {
    lines.push(`Its pull request was closed, and stays closed: ${pullRequest.url}`);
  } else if (pullRequest !== undefined) {
    lines.push(`Pull request ${pullRequest.state}: ${pullRequest.url}`);
  }
  return lines.join('\n');
}

/** `from` is null for values that are new. */
export function editAsJson(
  file: string,
  { kind, written: { path, line, column }, images, from, to }: CatalogEdit,
) {
  return { kind, file, line, column, path, images, from: from ?? null, to };
}

/** An object; `outcome` is `committed` or `proposed`, and `new` is false when an earlier run pushed it. */
export function proposalAsJson(
  { file, target, remote }: ProposalPlace,
  { edits }: Proposal,
  { commit, isNew, pullRequest }: PushedProposal,
) {
  const isCommit = target.mode === 'commit';
  return {
    outcome: isCommit ? 'committed' : 'proposed',
    new: isNew,
    remote: remote.name,
    branch: isCommit ? target.branch : PROPOSAL_BRANCH,
    target: target.branch,
    commit,
    pullRequest: pullRequest ?? null,
    changes: edits.map((edit) => editAsJson(file, edit)),
  };
}
