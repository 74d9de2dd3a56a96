import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import process from 'node:process';
import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { formatNothing, formatProposalAsJson, formatProposalAsText } from './format-proposal.ts';
import { handInCommit, handInMergeRequest, type HandIn } from './hand-in.ts';
import { hostOption, parseStackName } from './options.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { replaceText } from './replace-text.ts';
import { loadText } from '../yaml/read-text.ts';
import { blobOf, commitFile } from '../git/commit-file.ts';
import { currentBranch, headFile, type HeadFile } from '../git/head-file.ts';
import { setIndexEntry } from '../git/move-head.ts';
import { otherChanges } from '../git/other-changes.ts';
import { pushRemote } from '../git/push-remote.ts';
import { GitError } from '../git/run-git.ts';
import { workingTree } from '../git/working-tree.ts';
import { InvalidInputError } from '../problem.ts';
import { catalogEdits } from '../merge-request/catalog-edits.ts';
import { commitIdentity } from '../merge-request/proposal-commit.ts';
import { failure } from '../failure.ts';
import { proposalTarget, type HostName, type Target } from '../merge-request/proposal-target.ts';
import { proposalText } from '../merge-request/proposal-text.ts';

interface ProposeOptions {
  readonly stack: string;
  readonly branch?: string;
  readonly remote: string;
  readonly host?: HostName;
  readonly json?: true;
}

const MOST_PRINTED = 10;

/** Keeps a byte order mark, which counts when texts are compared. */
const EXACT = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * `images propose`: hands in what `images refresh` has changed, as the stack's `refreshChanges` says. The
 * checkout then has a catalog that is in git: the new one when it was committed, and else the old one.
 */
export function proposeCommand(context: CliContext): Command {
  return new Command('propose')
    .description(
      'Hand in what a refresh has changed in the catalog: as a commit or a merge request',
    )
    .option('--stack <name>', 'the stack whose catalog it is', parseStackName, 'prod')
    .option('--branch <name>', 'what the refresh is for; by default what the pipeline runs on')
    .option('--remote <name>', 'where to push', 'origin')
    .addOption(hostOption())
    .option('--json', 'print JSON instead of text')
    .action((options: ProposeOptions) => propose(context, options));
}

async function propose(context: CliContext, options: ProposeOptions): Promise<void> {
  try {
    await proposeCatalog(context, options);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const remedy = 'run this at the top of a clone whose commit has the catalog';
    throw new InvalidInputError([failure('GIT_FAILED', error.message, remedy)]);
  }
}

async function proposeCatalog(
  { root, out, err }: CliContext,
  { stack, remote: name, json, ...asked }: ProposeOptions,
): Promise<void> {
  const tree = workingTree(root);
  const parsed = readStackSettings(tree, stack);
  if (!('settings' in parsed)) throw new InvalidInputError(parsed.problems);
  const { catalog: file, refreshChanges: mode } = parsed.settings;
  const text = loadText(tree, file, 'catalog');
  const bytes = await buffer(Readable.from(tree.read(file)));
  const branch = currentBranch(root);
  const environment = process.env;
  const target = proposalTarget({
    ...{ mode, asked, environment },
    ...(branch !== undefined && { currentBranch: branch }),
  });
  const head = headFile(root, file);
  const remote = pushRemote(root, name, environment);
  if (blobOf(root, file, bytes) === head.blob) {
    out(`${formatNothing(file, json === true)}\n`);
    return;
  }

  const edits = catalogEdits(file, EXACT.decode(head.bytes), EXACT.decode(bytes));
  warnOfOthers(otherChanges(root, file), err);
  const words = proposalText(file, edits);
  const message = `${words.subject}\n\n${words.body}`;
  const identity = commitIdentity(environment);
  const made = commitFile(root, head, { file, bytes, message, identity });
  const committerEmail = identity.GIT_COMMITTER_EMAIL;
  const handIn = { ...{ root, file, head, made, remote }, branch: target.branch };
  const handedIn = await handInOrRestore(
    { ...handIn, text: words, committerEmail },
    { target, before: text, err },
  );
  if (handedIn.said !== '') err(`${name} says: ${handedIn.said}\n`);
  const format = json === true ? formatProposalAsJson : formatProposalAsText;
  out(`${format({ file, target, remote: name, edits, handedIn })}\n`);
}

/** Afterwards the catalog is one that is in git, whatever comes of it: it may be published next. */
async function handInOrRestore(
  handIn: HandIn,
  { target, before, err }: { target: Target; before: string; err: CliContext['err'] },
) {
  const { root, file, head, made } = handIn;
  try {
    if (target.mode === 'commit') return handInCommit(handIn);
    const handedIn = await handInMergeRequest(handIn, target.host);
    restore(root, file, before, head);
    return handedIn;
  } catch (error) {
    restore(root, file, before, head);
    err(`${file} is as in the checkout's commit again; what it was: git show ${made.commit}\n`);
    throw error;
  }
}

function restore(root: string, file: string, before: string, head: HeadFile): void {
  const after = new TextDecoder().decode(head.bytes);
  if (after !== before) replaceText(root, file, before, after);
  setIndexEntry(root, { file, mode: head.mode, blob: head.blob });
}

function warnOfOthers(paths: readonly string[], err: CliContext['err']): void {
  if (paths.length === 0) return;
  const shown = paths.slice(0, MOST_PRINTED).map((path) => JSON.stringify(path));
  const others = paths.length - shown.length;
  const list = [...shown, ...(others > 0 ? [`${others} more`] : [])].join(', ');
  err(`warning: left alone, since only the catalog is proposed: ${list}\n`);
}
