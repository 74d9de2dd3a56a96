import { explainSummary } from './explain-summary.ts';
import { previewOption, readPreview, readTextOf, stackOption } from './options.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { parseBuildResults } from '../build/build-results.ts';
import { buildSections } from '../build/format-builds.ts';
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
    builds: option('--builds <file>', 'the output of `images build-changes --json`'),
    against: option('--against <revision>', 'name what differs from this revision in each image'),
    drift: flag('--drift', 'print each difference with its values instead, as text for a log'),
    stack: stackOption,
  },
  run: ({ root, out, err }, { preview: previewFile, against, drift, stack, ...files }) => {
    const preview = readPreview(root, previewFile);
    if (drift) {
      out(formatDrift(stack, preview));
      return EXIT_CODES.done;
    }
    const place = { root, err, stack, against };
    const summary = explainSummary(summarize(preview, new Date()), place);
    // A command that failed leaves an empty file; its reasons are on its standard error.
    const parsed = <Value>(
      file: string | undefined,
      command: string,
      parse: (text: string, file: string) => Value,
    ) => {
      if (file === undefined) return undefined;
      const text = readTextOf(root, file, `run \`${command}\` and keep its output`);
      return text === '' ? undefined : parse(text, file);
    };
    const forecast = parsed(files.forecast, 'images retention --json', parseForecast);
    const builds = parsed(files.builds, 'images build-changes --json', parseBuildResults);
    out(formatSummary(stack, summary, forecast, builds && buildSections(builds)));
    return EXIT_CODES.done;
  },
});
