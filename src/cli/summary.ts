import { explainSummary } from './explain-summary.ts';
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
    against: option('--against <revision>', 'name what differs from this revision in each image'),
    drift: flag('--drift', 'print each difference with its values instead, as text for a log'),
    stack: stackOption,
  },
  run: ({ root, out, err }, { preview: previewFile, forecast: file, against, drift, stack }) => {
    const preview = readPreview(root, previewFile);
    if (drift) {
      out(formatDrift(stack, preview));
      return EXIT_CODES.done;
    }
    const place = { root, err, stack, against };
    const summary = explainSummary(summarize(preview, new Date()), place);
    const remedy = 'run `images retention --json` and keep its output';
    const text = file === undefined ? '' : readTextOf(root, file, remedy);
    // A forecast that failed leaves an empty file; its reasons are on its standard error.
    const forecast = file === undefined || text === '' ? undefined : parseForecast(text, file);
    out(formatSummary(stack, summary, forecast));
    return EXIT_CODES.done;
  },
});
