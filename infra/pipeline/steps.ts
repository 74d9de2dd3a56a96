import type { Step } from './run-steps.ts';

/** What the steps leave, below the checkout. */
export const PREVIEW_FOLDER = '.preview';

/** The exit code of `images retention` for something that a supported branch needs. */
const ENDANGERED = 3;

interface PreviewOptions {
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

interface StackOptions {
  readonly stack: string;
}

/** What the main branch's pipeline does. */
export function publishSteps({ stack }: StackOptions, node: string): readonly Step[] {
  const { pulumi } = commandsOf(stack, node);
  return [{ name: 'publish', ...pulumi('up', ...PUBLISHING, ...UNATTENDED) }];
}

/** The drift gate: fails when anything is not as the program declares it. Changes nothing. */
export function driftSteps({ stack }: StackOptions, node: string): readonly Step[] {
  const { pulumi } = commandsOf(stack, node);
  const looking = pulumi('preview', ...REFRESHING, ...LOOKING, ...UNATTENDED);
  return [{ name: 'look for drift', ...looking }];
}

/** What a refresh is of, and where it is proposed; CI's own variables say what is left out. */
interface RefreshOptions {
  readonly stack: string;
  readonly host?: string;
  readonly branch?: string;
}

/**
 * What the scheduled run of a stack does, in order, as commands in the checkout: `node` runs this project's
 * own, and the engine is the `pulumi` on PATH. None of them depends on the success of another: what is
 * published is what is in git, whether or not the catalog could be refreshed.
 */
export function refreshSteps(
  { stack, host, branch }: RefreshOptions,
  node: string,
): readonly Step[] {
  const { images, pulumi } = commandsOf(stack, node);
  return [
    { name: 'refresh the catalog', ...images('refresh') },
    {
      name: 'propose it',
      ...images('propose', ...option('--host', host), ...option('--branch', branch)),
    },
    // What could not be proposed is not published either, whyever that was: only what is in git is.
    { name: 'keep to what is in git', command: 'git', args: ['checkout', 'HEAD', '--', '.'] },
    {
      // Before it is put right: afterwards, nobody could tell what had changed by itself.
      name: 'look for drift',
      ...pulumi('refresh', '--preview-only', '--run-program', ...LOOKING, ...UNATTENDED),
      news: { [CHANGES_FOUND]: 'drift: the stack is not as it was left' },
    },
    {
      name: 'publish, and put right',
      ...pulumi('up', ...REFRESHING, ...PUBLISHING, ...UNATTENDED),
    },
    { name: 'look again', ...pulumi('preview', ...REFRESHING, ...LOOKING, ...UNATTENDED) },
  ];
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

/** Asks the registry and Google again; the program runs, since it is what logs in to the registry. */
const REFRESHING = ['--refresh', '--run-program'];

const UNATTENDED = ['--non-interactive', '--suppress-outputs', '--color', 'never'];

/** Changes nothing; shows each difference whole, and ends with 7 when there is one. */
const LOOKING = ['--expect-no-changes', '--diff'];

/** Publishes; one image that fails to build must not keep the others from being published. */
const PUBLISHING = ['--yes', '--skip-preview', '--continue-on-error', '--suppress-progress'];

/** The exit code of `--expect-no-changes` for changes. */
const CHANGES_FOUND = 7;

type Command = Pick<Step, 'command' | 'args' | 'variables'>;

/** The two commands that pipelines are made of: `node` runs this project's own, the engine is on PATH. */
function commandsOf(stack: string, node: string) {
  return {
    images: (...args: string[]): Command => ({
      command: node,
      args: ['src/cli/images.ts', ...args, '--stack', stack],
    }),
    pulumi: (...args: string[]): Command => ({
      command: 'pulumi',
      args: [...args, '--stack', stack],
      variables: engineVariables(args),
    }),
  };
}

/**
 * The variables that the engine gets for these arguments, beside those that it has anyway.
 *
 * A preview saves no state, but checks the whole of it twice for each published image (the engine's
 * `readSnapshotMutation`): for 300 images that was half of its time. With this it checks once, at the end.
 * For no other command: an `up` that is killed must have saved what it has done.
 */
export function engineVariables([command]: readonly string[]): Readonly<Record<string, string>> {
  return command === 'preview' ? { PULUMI_SKIP_CHECKPOINTS: 'true' } : {};
}
