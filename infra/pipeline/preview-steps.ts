import { commandsOf } from './commands.ts';
import type { Step } from './step.ts';

/** What the steps leave, below the checkout. */
export const PREVIEW_FOLDER = '.preview';

/** The exit code of `images retention` for something that a supported branch needs. */
const ENDANGERED = 3;

export interface PreviewOptions {
  readonly stack: string;
  /** What the merge request is compared with, such as `origin/main`; the forecast is whole when absent. */
  readonly against?: string;
}

/**
 * What a merge request's pipeline does, in order. Nothing is changed but the merge request's note, and
 * the files in `PREVIEW_FOLDER`. None of them depends on the success of another: a preview that fails has
 * its reasons in the note.
 */
export function previewSteps({ stack, against }: PreviewOptions, node: string): readonly Step[] {
  const { images, pulumi } = commandsOf(stack, node);
  const file = (name: string) => `${PREVIEW_FOLDER}/${name}`;
  const [preview, forecast, summary] = ['preview.json', 'forecast.json', 'summary.md'].map(file);
  if (!preview || !forecast || !summary) throw new TypeError('three files');
  const difference = against === undefined ? [] : ['--against', against];
  return [
    { name: 'preview', ...pulumi('preview', '--json', '--non-interactive'), output: preview },
    {
      name: 'check it',
      ...{ command: node, args: ['src/cli/images.ts', 'policy', '--preview', preview] },
    },
    {
      name: 'forecast what the clean-up does',
      ...images('retention', '--json', ...difference),
      output: forecast,
      news: { [ENDANGERED]: 'a supported branch misses something; see the note' },
    },
    {
      name: 'say it',
      ...images('summary', '--preview', preview, '--forecast', forecast),
      output: summary,
    },
    { name: 'show it', command: 'cat', args: [summary] },
    { name: 'put it on the merge request', ...images('note', summary) },
  ];
}
