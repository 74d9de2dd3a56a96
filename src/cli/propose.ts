import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { formatProposalAsText, proposalAsJson } from './format-proposal.ts';
import { branchOption, hostOption, parseStackName } from './options.ts';
import {
  explainGit,
  makeProposal,
  moveToProposal,
  proposalPlace,
  pushProposal,
  type ProposalOptions,
} from './push-proposal.ts';
import { requireStackSettings } from './read-stack-settings.ts';
import { replaceText } from './replace-text.ts';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { blobOf, setIndexEntry } from '../git/commit-file.ts';
import { workingTree } from '../git/working-tree.ts';
import { catalogEdits } from '../merge-request/catalog-edits.ts';
import { loadText } from '../yaml/read-text.ts';

interface ProposeOptions extends ProposalOptions {
  readonly stack: string;
  readonly json?: true;
}

/** Keeps a byte order mark: it counts when texts are compared. */
const EXACT = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * `images propose`: proposes what an earlier `images refresh` wrote into the catalog, as the stack's
 * `refreshChanges` says. Afterwards, the catalog in the checkout is one that is in git: the new one when it
 * was committed, else the old one.
 */
export function proposeCommand(context: CliContext): Subcommand {
  const command = new Command('propose')
    .description(
      'Propose what a refresh has changed in the catalog: as a commit or a merge request',
    )
    .option('--stack <name>', 'the stack whose catalog it is', parseStackName, 'prod')
    .addOption(branchOption())
    .option('--remote <name>', 'where to push', 'origin')
    .addOption(hostOption())
    .option('--json', 'print JSON instead of text');
  const run = () => explainGit(() => propose(context, command.opts<ProposeOptions>()));
  return { command, run };
}

async function propose(
  { root, out, err }: CliContext,
  { stack, json, ...options }: ProposeOptions,
): Promise<ExitCode> {
  const tree = workingTree(root);
  const settings = requireStackSettings(tree, stack);
  const { catalogFile: file } = settings;
  const text = loadText(tree, file, 'catalog');
  const bytes = await buffer(Readable.from(tree.read(file)));
  const place = proposalPlace(root, settings, options);
  const { head, target } = place;
  if (blobOf(root, file, bytes) === head.blob) {
    const nothing = JSON.stringify({ outcome: 'nothing', changes: [] }, null, 2);
    out(
      json === true
        ? `${nothing}\n`
        : `${file} is as in the checkout's commit: nothing to propose.\n`,
    );
    return EXIT_CODES.done;
  }

  const edits = catalogEdits(file, EXACT.decode(head.bytes), EXACT.decode(bytes));
  const proposal = makeProposal(place, edits, bytes, err);
  const restore = () => {
    const before = new TextDecoder().decode(head.bytes);
    if (before !== text) replaceText(root, file, text, before);
    setIndexEntry(root, { file, mode: head.mode, blob: head.blob });
  };
  try {
    const pushed = await pushProposal(place, proposal, err);
    if (target.mode === 'commit') moveToProposal(place, proposal, pushed);
    else restore();
    const result =
      json === true
        ? JSON.stringify(proposalAsJson(place, proposal, pushed), null, 2)
        : formatProposalAsText(place, proposal, pushed);
    out(`${result}\n`);
    return EXIT_CODES.done;
  } catch (error) {
    restore();
    const place = `git show ${proposal.commit}`;
    err(`${file} is as in the checkout's commit again; the changes are in: ${place}\n`);
    throw error;
  }
}
