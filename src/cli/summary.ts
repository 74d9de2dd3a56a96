import { Command } from 'commander';
import { parseStackName, previewOption, readPreview, readTextOf } from './options.ts';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { formatSummary } from '../review/format-summary.ts';
import { parseForecast } from '../review/parse-forecast.ts';
import { summarize } from '../review/summarize.ts';

interface SummaryOptions {
  readonly preview: string;
  readonly forecast?: string;
  readonly stack: string;
}

/** `images summary`: what a merge request would change, as Markdown. */
export function summaryCommand(context: CliContext): Subcommand {
  const command = new Command('summary')
    .description('Say what a preview would change and why, as Markdown for a merge request')
    .addOption(previewOption())
    .option('--forecast <file>', 'the output of `images retention --json`')
    .option('--stack <name>', 'the stack that was previewed', parseStackName, 'prod');
  return { command, run: () => printSummary(context, command.opts<SummaryOptions>()) };
}

function printSummary({ root, out }: CliContext, options: SummaryOptions): ExitCode {
  const { preview, forecast: file, stack } = options;
  const summary = summarize(readPreview(root, preview));
  const remedy = 'run `images retention --json` and keep its output';
  const text = file === undefined ? '' : readTextOf(root, file, remedy);
  // A forecast that failed leaves an empty file; its reasons are on its standard error.
  const forecast = file === undefined || text === '' ? undefined : parseForecast(text, file);
  out(formatSummary(stack, summary, forecast));
  return EXIT_CODES.done;
}
