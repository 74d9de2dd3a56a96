import { formatProposalAsText, proposalAsJson } from './format-proposal.ts';
import { jsonOption, proposalOptions, stackOption } from './options.ts';
import { commitProposal, moveToCommit, proposalPlace } from './proposal.ts';
import { pushProposal } from './push-proposal.ts';
import { requireSettings } from './read-stack.ts';
import { readCatalog, replaceFile } from './replace-file.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { blobOf, setIndexEntry } from '../git/commit-file.ts';
import { workingTree } from '../git/working-tree.ts';
import { catalogEdits } from '../merge-request/catalog-edits.ts';

/** Keeps a byte order mark, which counts in the comparison of two texts. */
const EXACT = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * `images propose`: proposes the changes that an earlier `images refresh` wrote into the catalog, by the
 * stack's `refreshChanges`. Afterwards the checkout has the new catalog when it was committed, else the old.
 */
export const proposeCommand = subcommand({
  name: 'propose',
  description: 'Propose what a refresh has changed in the catalog: as a commit or a merge request',
  options: { stack: stackOption, ...proposalOptions, json: jsonOption },
  run: async ({ root, out, err }, { stack, json, ...options }) => {
    const settings = requireSettings(workingTree(root), stack);
    const { catalogFile: file } = settings;
    const bytes = readCatalog(root, file);
    const place = proposalPlace(root, settings, options);
    const { head, target } = place;
    const print = (text: string, value: object) => {
      out(`${json === true ? JSON.stringify(value, null, 2) : text}\n`);
    };
    if (blobOf(root, file, bytes) === head.blob) {
      const text = `${file} is as in the checkout's commit: nothing to propose.`;
      print(text, { outcome: 'nothing', changes: [] });
      return EXIT_CODES.done;
    }

    const edits = catalogEdits(file, EXACT.decode(head.bytes), EXACT.decode(bytes));
    const proposal = commitProposal(place, edits, bytes, err);
    const restore = () => {
      replaceFile(root, file, bytes, head.bytes);
      setIndexEntry(root, { file, mode: head.mode, blob: head.blob });
    };
    try {
      const pushed = await pushProposal(place, proposal, err);
      if (target.mode === 'commit') moveToCommit(place, proposal, pushed.commit);
      else restore();
      const text = formatProposalAsText(place, proposal, pushed);
      print(text, proposalAsJson(place, proposal, pushed));
      return EXIT_CODES.done;
    } catch (error) {
      restore();
      const show = `git show ${proposal.commit}`;
      err(`${file} is as in the checkout's commit again; the changes are in: ${show}\n`);
      throw error;
    }
  },
});
