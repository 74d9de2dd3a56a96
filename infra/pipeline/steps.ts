import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './run-steps.ts';
import { publishOnlyVariables, targetsOf } from '../../src/plan/publish-only.ts';
import { parsePreview } from '../../src/review/preview.ts';
import { isMade, summarize } from '../../src/review/summarize.ts';

// What a preview leaves, below the checkout.
const PREVIEW = '.preview/preview.json';
const BUILDS = '.preview/builds.json';
const FORECAST = '.preview/forecast.json';
const SUMMARY = '.preview/summary.md';
const DRIFT = '.preview/drift.json';

/** The folder with the page of all images, below the checkout. */
const PAGE = '.page';

/** The exit code of `images retention` for something that a supported branch needs. */
const ENDANGERED = 3;

const CHANGES_FOUND = 7;

/** Reads the registry and Google again. The program runs, since it logs in to the registry. */
const REFRESHING = ['--refresh', '--run-program'];

const UNATTENDED = ['--non-interactive', '--suppress-outputs', '--color', 'never'];

/** Changes nothing, and ends with CHANGES_FOUND when there is a difference. */
const LOOKING = ['--expect-no-changes', '--json', '--non-interactive'];

/** Publishes. One image that fails to build must not keep the others from being published. */
const PUBLISHING = ['--yes', '--skip-preview', '--continue-on-error', '--suppress-progress'];

export interface PipelineOptions {
  readonly stack: string;
  /**
   * What the merge request is compared with, such as `origin/main`. When absent, the forecast is whole, and images are
   * compared with the commits that they were published from.
   */
  readonly against?: string;
  /** The one image to publish; all of the catalog when absent. */
  readonly image?: string;
  /** Whether the stack is known to have no resources yet. */
  readonly isEmpty?: boolean;
  /** Where to propose changes of the catalog; CI's own variables fill in absent options. */
  readonly host?: string;
  readonly branch?: string;
  /** Whether the registry has no policies that would clean it up. */
  readonly isPlain?: boolean;
  /** Whether the page of all images is to be written. */
  readonly hasPage?: boolean;
}

/** Gives the steps of a pipeline, in order. `node` is the path of the Node that runs the project. */
export type PipelineSteps = (options: PipelineOptions, node: string) => readonly Step[];

/**
 * The steps of a merge request's pipeline. They change its note and the files in `.preview` only. No step
 * depends on the success of another: the note has the reasons of a preview that fails.
 */
export const previewSteps: PipelineSteps = ({ stack, against }, node) => {
  const { images, pulumi } = commandsOf(stack, node);
  const base = option('--against', against);
  const files = ['--preview', PREVIEW, '--builds', BUILDS, '--forecast', FORECAST, ...base];
  return [
    { name: 'preview', ...pulumi('preview', '--json', '--non-interactive'), output: PREVIEW },
    {
      name: 'check the preview',
      command: node,
      args: ['src/cli/images.ts', 'policy', '--preview', PREVIEW],
    },
    {
      name: 'build what changes',
      ...images('build-changes', '--preview', PREVIEW, '--json'),
      isNeeded: (root) => mayBuild(join(root, PREVIEW)),
      output: BUILDS,
    },
    {
      name: 'forecast what the clean-up does',
      ...images('retention', '--json', ...base),
      output: FORECAST,
      notices: { [ENDANGERED]: 'a supported branch misses something; see the note' },
    },
    { name: 'write the summary', ...images('summary', ...files), output: SUMMARY },
    { name: 'show the summary', command: 'cat', args: [SUMMARY] },
    { name: 'put it on the merge request', ...images('note', SUMMARY) },
  ];
};

/** Whether a preview builds or copies an image, or can't be read, which the step says. Most merge requests change none. */
function mayBuild(file: string): boolean {
  try {
    const { images } = summarize(parsePreview(readFileSync(file, 'utf8'), file), new Date());
    return images.some(isMade);
  } catch {
    return true;
  }
}

/** The steps of the main branch's pipeline, and of one that is started for a single image. */
export const publishSteps: PipelineSteps = (options, node) => {
  const { stack, image, isEmpty = false } = options;
  const { pulumi } = commandsOf(stack, node);
  const name = 'publish';
  const page = pageSteps(options, node);
  if (image === undefined) {
    return [{ name, ...pulumi('up', ...PUBLISHING, ...UNATTENDED) }, ...page];
  }
  const targets = targetsOf(image, { isEmpty });
  // By options as well: an engine that does not know the variable must not run without targets.
  const chosen = targets.flatMap((target) => ['--target', target]);
  const step = pulumi('up', ...REFRESHING, ...chosen, ...PUBLISHING, ...UNATTENDED);
  const variables = { ...step.variables, ...publishOnlyVariables(image, targets) };
  return [{ name, ...step, variables }, ...page];
};

/** Whatever an update has not published, the page shows. */
const pageSteps: PipelineSteps = ({ stack, hasPage }, node) => {
  if (hasPage !== true) return [];
  const { images } = commandsOf(stack, node);
  const name = 'write the page of all images';
  const notices = { [ENDANGERED]: 'a supported branch misses something; see the page' };
  return [{ name, ...images('page', '--out', PAGE, '--lookup'), notices }];
};

/** The drift gate: fails when anything is not as the program declares it. Changes nothing. */
export const driftSteps: PipelineSteps = ({ stack }, node) => {
  const { images, pulumi } = commandsOf(stack, node);
  return [
    {
      name: 'look for drift',
      ...pulumi('preview', ...REFRESHING, ...LOOKING),
      output: DRIFT,
    },
    { name: 'show what differs', ...images('summary', '--drift', '--preview', DRIFT) },
  ];
};

const PUBLISH = 'publish, and put right';

/**
 * The steps of the scheduled run of a stack. The run publishes what is in git, whether or not the catalog could be
 * refreshed. Only the clean-up of a plain registry depends on another step: a run that has not succeeded may not have
 * marked what has lost its last reference.
 */
export const refreshSteps: PipelineSteps = (options, node) => {
  const { stack, host, branch, isEmpty, isPlain } = options;
  const { images, pulumi } = commandsOf(stack, node);
  const target = [...option('--host', host), ...option('--branch', branch)];
  const drift: readonly Step[] = [
    {
      // Before the next step repairs the drift, after which it could not be seen.
      name: 'look for drift',
      ...pulumi('refresh', '--preview-only', '--run-program', ...LOOKING),
      output: DRIFT,
      notices: { [CHANGES_FOUND]: 'drift: the stack is not as it was left' },
    },
    { name: 'show what differs', ...images('summary', '--drift', '--preview', DRIFT) },
  ];
  return [
    // Changes the catalog only when it is committed: the steps below publish what is in git.
    { name: 'refresh the catalog', ...images('refresh', '--propose', ...target) },
    // Without a state, everything would be drift.
    ...(isEmpty === true ? [] : drift),
    {
      name: PUBLISH,
      ...pulumi('up', ...REFRESHING, ...PUBLISHING, ...UNATTENDED),
    },
    { name: 'look again', ...pulumi('preview', ...REFRESHING, ...LOOKING), output: PREVIEW },
    { name: 'show what is left', ...images('summary', '--drift', '--preview', PREVIEW) },
    ...(isPlain === true
      ? [{ name: 'clean up', after: PUBLISH, ...images('clean-up', '--confirm') }]
      : []),
    ...pageSteps(options, node),
  ];
};

/** The two commands of which pipelines consist: `node` runs this project's own, the engine is on PATH. */
function commandsOf(stack: string, node: string) {
  return {
    images: (...args: string[]) => ({
      command: node,
      args: ['src/cli/images.ts', ...args, '--stack', stack],
    }),
    pulumi: (...args: string[]) => ({
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
 * `readSnapshotMutation`), for 300 images half of its time; with this, once. For no other command: an `up`
 * that is killed must have saved what it has done.
 */
export function engineVariables([command]: readonly string[]): Readonly<Record<string, string>> {
  return command === 'preview' ? { PULUMI_SKIP_CHECKPOINTS: 'true' } : {};
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
