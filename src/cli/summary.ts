import { previewOption, readPreview, readTextOf, stackOption } from './options.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { formatDrift } from '../review/format-drift.ts';
import { formatSummary } from '../review/format-summary.ts';
import { parseForecast } from '../review/parse-forecast.ts';
import { summarize } from '../review/summarize.ts';

/** `images summary`: what a merge request would change, as Markdown. */
export const summaryCommand = subcommand({
  name: 'summary',
  description: 'Explain what a preview would change, as Markdown for a merge request',
  options: {
    preview: previewOption,
    forecast: option('--forecast <file>', 'the output of `images retention --json`'),
    drift: flag('--drift', 'print each difference with its values instead, as text for a log'),
    stack: stackOption,
  },
  run: ({ root, out }, { preview: previewFile, forecast: file, drift, stack }) => {
    const preview = readPreview(root, previewFile);
    if (drift) {
      out(formatDrift(stack, preview));
      return EXIT_CODES.done;
    }
    const summary = summarize(preview, new Date());
    const remedy = 'run `images retention --json` and keep its output';
    const text = file === undefined ? '' : readTextOf(root, file, remedy);
    // A forecast that failed leaves an empty file; its reasons are on its standard error.
    const forecast = file === undefined || text === '' ? undefined : parseForecast(text, file);
    out(formatSummary(stack, summary, forecast));
    return EXIT_CODES.done;
  },
});
