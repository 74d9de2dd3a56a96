import { Command } from 'commander';
import type { CliContext } from './cli-context.ts';
import { previewOption, readPreview, readTextOf, parseStackName } from './options.ts';
import { formatSummary } from '../review/format-summary.ts';
import { parseForecast } from '../review/parse-forecast.ts';
import { summarize } from '../review/summarize.ts';

interface SummaryOptions {
  readonly preview: string;
  readonly forecast?: string;
  readonly stack: string;
}

/** `images summary`: what a merge request would change, as Markdown. */
export function summaryCommand({ root, out }: CliContext): Command {
  return new Command('summary')
    .description('Say what a preview would change and why, as Markdown for a merge request')
    .addOption(previewOption())
    .option('--forecast <file>', 'what `images retention --json` has printed')
    .option('--stack <name>', 'the stack that was previewed', parseStackName, 'prod')
    .action(({ preview, forecast: file, stack }: SummaryOptions) => {
      const summary = summarize(readPreview(root, preview));
      const remedy = 'run `images retention --json` and keep its output';
      const text = file === undefined ? '' : readTextOf(root, file, remedy);
      // A forecast that failed has printed nothing, and its reasons elsewhere.
      const forecast = file === undefined || text === '' ? undefined : parseForecast(text, file);
      out(formatSummary(stack, summary, forecast));
    });
}
