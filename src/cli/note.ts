import process from 'node:process';
import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { readTextOf, parseStackName } from './options.ts';
import { HostError } from '../merge-request/host-request.ts';
import { notesOf } from '../merge-request/notes.ts';
import { putNote } from '../merge-request/put-note.ts';
import { noteTarget } from '../merge-request/note-target.ts';
import { InvalidInputError } from '../problem.ts';

interface NoteOptions {
  readonly stack: string;
}

/**
 * `images note`: puts a summary on the merge request that the pipeline runs for. A host that does not take
 * it is told about and fails nothing: the plan is in the job's log, too.
 */
export function noteCommand({ root, out, err }: CliContext): Command {
  return new Command('note')
    .description('Put a summary on the merge request that the pipeline runs for, as one note')
    .argument('<file>', 'what `images summary` has printed')
    .option('--stack <name>', 'the stack that was previewed', parseStackName, 'prod')
    .action(async (file: string, { stack }: NoteOptions) => {
      const text = readTextOf(root, file, 'run `images summary` and keep its output');
      // What failed before has said why.
      if (text.trim() === '') {
        err(`${file} is empty: there is nothing to put on a merge request.\n`);
        return;
      }
      try {
        const target = noteTarget(process.env);
        if (target === undefined) {
          out('This is no pipeline of a merge request: there is nothing to put a note on.\n');
          return;
        }
        out(`The note is ${await putNote(notesOf(target), stack, text)}.\n`);
      } catch (error) {
        if (!(error instanceof InvalidInputError || error instanceof HostError)) throw error;
        err(`The merge request has no note of this run:\n${error.message}\n`);
      }
    });
}
