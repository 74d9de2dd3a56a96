import process from 'node:process';
import { readTextOf, stackOption } from './options.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { HostError } from '../merge-request/host-api.ts';
import { putNote } from '../merge-request/notes.ts';
import { noteTarget } from '../merge-request/note-target.ts';
import { pageLink } from '../merge-request/page-address.ts';
import { InvalidInputError } from '../problem.ts';

/**
 * `images note`: puts a summary on the merge request that the pipeline runs for. A note that can't be
 * posted is reported and fails nothing: the job's log has the plan, too.
 */
export const noteCommand = subcommand({
  name: 'note',
  description: 'Put a summary on the merge request that the pipeline runs for, as one note',
  arguments: [['<file>', 'the output of `images summary`']],
  options: { stack: stackOption },
  run: async ({ root, out, err }, { stack }, file) => {
    const text = readTextOf(root, file, 'run `images summary` and keep its output');
    // The command that failed to write the summary has printed the reason.
    if (text.trim() === '') {
      err(`${file} is empty: there is nothing to put on a merge request.\n`);
      return EXIT_CODES.done;
    }
    try {
      const target = noteTarget(process.env);
      if (target === undefined) {
        out('This is no pipeline of a merge request: there is nothing to put a note on.\n');
      } else {
        const note = text + pageLink(process.env);
        out(`The note is ${await putNote(target, stack, note)}.\n`);
      }
    } catch (error) {
      if (!(error instanceof InvalidInputError || error instanceof HostError)) throw error;
      err(`The merge request has no note of this run:\n${error.message}\n`);
    }
    return EXIT_CODES.done;
  },
});
