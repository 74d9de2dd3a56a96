import type { HandedIn } from './hand-in.ts';
import type { CatalogEdit } from '../merge-request/catalog-edits.ts';
import { PROPOSAL_BRANCH, type Target } from '../merge-request/proposal-target.ts';
import { stepOf, titleOf } from '../merge-request/proposal-text.ts';

/** A proposal with all that its reader may want to know. */
export interface Proposed {
  readonly file: string;
  readonly target: Target;
  readonly remote: string;
  readonly edits: readonly CatalogEdit[];
  readonly handedIn: HandedIn;
}

/** What changes, where it is now, and what the checkout has. */
export function formatProposalAsText({ file, target, remote, edits, handedIn }: Proposed): string {
  const { commit, isNew, pullRequest } = handedIn;
  const values = edits.length === 1 ? '1 value' : `${edits.length} values`;
  const list = edits.map((edit) => `${titleOf(edit)}\n  ${stepOf(edit)}`);
  const ending =
    target.mode === 'commit'
      ? `${file}: ${values} ${isNew ? '' : 'already '}committed to ${target.branch} of ${remote} as ${commit}.\nThe checkout is on that commit now.`
      : `${file}: ${values} ${isNew ? '' : 'already '}proposed for ${target.branch} on ${PROPOSAL_BRANCH} of ${remote} as ${commit}.\n${file} is as in the checkout's commit again.`;
  return [...list, ending, ...pullRequestLines(pullRequest)].join('\n');
}

function pullRequestLines(pullRequest: HandedIn['pullRequest']): readonly string[] {
  if (pullRequest === undefined) return [];
  const { state, url } = pullRequest;
  if (state !== 'closed') return [`Pull request ${state}: ${url}`];
  return [`Somebody closed its pull request, which stays closed: ${url}`];
}

/** An object; `outcome` is `committed` or `proposed`, `new` is false when it was there already. */
export function formatProposalAsJson({ file, target, remote, edits, handedIn }: Proposed): string {
  const { commit, isNew, pullRequest = null } = handedIn;
  const changes = edits.map(({ kind, written, images, from = null, to }) => {
    const { path, line, column } = written;
    return { kind, file, line, column, path, images, from, to };
  });
  const isCommit = target.mode === 'commit';
  return JSON.stringify(
    {
      outcome: isCommit ? 'committed' : 'proposed',
      new: isNew,
      ...{ remote, branch: isCommit ? target.branch : PROPOSAL_BRANCH, target: target.branch },
      ...{ commit, pullRequest, changes },
    },
    null,
    2,
  );
}

/** The same where the catalog is as it is in the commit. */
export function formatNothing(file: string, json: boolean): string {
  if (!json) return `${file} is as in the checkout's commit: nothing to propose.`;
  return JSON.stringify({ outcome: 'nothing', changes: [] }, null, 2);
}
