import process from 'node:process';
import type { ProposalOptions } from './options.ts';
import type { CliContext } from './subcommand.ts';
import { changedPaths } from '../git/checkout-state.ts';
import {
  commitFile,
  currentBranch,
  headFile,
  moveHead,
  type MadeCommit,
} from '../git/commit-file.ts';
import { pushRemote } from '../git/push-remote.ts';
import { commitIdentity, proposalText } from '../merge-request/proposal-commit.ts';
import { proposalTarget } from '../merge-request/proposal-target.ts';
import type { CatalogEdit } from '../refresh/edits.ts';
import type { Settings } from '../settings/settings.ts';

/** A catalog in git, and where changes of it are proposed. */
export type ProposalPlace = ReturnType<typeof proposalPlace>;

/** Finds the place of a proposal. Changes nothing. Throws an InvalidInputError with all that is missing. */
export function proposalPlace(
  root: string,
  { catalogFile: file, refreshChanges: mode }: Settings,
  { branch, host, remote = 'origin' }: ProposalOptions,
) {
  const environment = process.env;
  const target = proposalTarget({
    mode,
    options: { branch, host },
    environment,
    currentBranch: currentBranch(root),
  });
  const head = headFile(root, file);
  return { root, file, head, target, remote: pushRemote(root, remote, environment) };
}

/** Changes of the catalog as a commit that no branch has yet. */
export interface Proposal extends MadeCommit {
  readonly edits: readonly CatalogEdit[];
}

const MOST_PRINTED = 10;

/** Commits `bytes` as the catalog. Neither the checkout nor a branch changes. */
export function commitProposal(
  { root, file, head }: ProposalPlace,
  edits: readonly CatalogEdit[],
  bytes: Uint8Array,
  err: CliContext['err'],
): Proposal {
  const others = changedPaths(root).filter((path) => path !== file);
  if (others.length > 0) {
    const shown = others.slice(0, MOST_PRINTED).map((path) => JSON.stringify(path));
    if (others.length > shown.length) shown.push(`${others.length - shown.length} more`);
    err(`warning: left alone, since only the catalog is proposed: ${shown.join(', ')}\n`);
  }
  const { subject, body } = proposalText(file, edits);
  const message = `${subject}\n\n${body}`;
  const identity = commitIdentity(process.env);
  return { ...commitFile(root, head, { file, bytes, message, identity }), edits };
}

/** Moves the checkout, whose file has the committed content already, to a commit that was pushed. */
export function moveToCommit(
  { root, file, head }: ProposalPlace,
  { blob }: Proposal,
  commit: string,
): void {
  moveHead(root, head.commit, commit, { file, mode: head.mode, blob });
}
