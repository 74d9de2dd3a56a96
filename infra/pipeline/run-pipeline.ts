import { constants } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { builderEnvironment } from './builder-environment.ts';
import { formatResults, runSteps } from './run-steps.ts';
import { prepareEnvironment, type PreparedOptions } from './prepare-environment.ts';
import {
  beginState,
  expectNoRepository,
  hasResources,
  localStateEnvironment,
} from './stack-state.ts';
import {
  driftSteps,
  previewSteps,
  publishSteps,
  refreshSteps,
  type PipelineOptions,
  type PipelineSteps,
} from './steps.ts';
import { proposalOptions, stackFile, stackOption } from '../../src/cli/options.ts';
import { planCheckout, requireSettings } from '../../src/cli/read-stack.ts';
import { GitError, runQuietly } from '../../src/git/run-git.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { findImage, PUBLISH_ONLY } from '../../src/plan/publish-only.ts';
import { collectProblems, InvalidInputError } from '../../src/problem.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { googleAccess } from '../../src/settings/stack-settings.ts';
import { loadText } from '../../src/yaml/read-text.ts';
import type { PluginName } from '../toolchain/plugins.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

interface Pipeline {
  readonly description: string;
  readonly steps: PipelineSteps;
  /** Options beside `--stack`. */
  readonly options?: readonly Option[];
  /** Whether the pipeline has nothing to do where the stack's state is new. */
  readonly needsState?: boolean;
  /** Whether the pipeline begins only where every file is as in git. */
  readonly needsCleanCheckout?: boolean;
}

/** By name: `npm run <name>-pipeline -- --stack prod`. */
const PIPELINES: Readonly<Record<string, Pipeline>> = {
  preview: {
    description: 'Previews, checks the plan, and says on the merge request what would change',
    steps: previewSteps,
    options: [new Option('--against <revision>', 'say what differs from this revision')],
  },
  publish: {
    description: 'Publishes what is in git',
    steps: publishSteps,
    options: [new Option('--image <name>', 'publish this image and its aliases, and nothing else')],
  },
  drift: {
    description: 'Looks for drift, and changes nothing',
    steps: driftSteps,
    needsState: true,
  },
  refresh: {
    description: 'Refreshes the catalog, proposes it, publishes, puts right, and reports drift',
    steps: refreshSteps,
    options: [proposalOptions.host, proposalOptions.branch],
    needsCleanCheckout: true,
  },
};

/** Returns the exit code: 0 when no step failed, 1 when one failed, 2 for a wrong command line. */
async function main(args: readonly string[]): Promise<number> {
  const program = new Command('pipeline').exitOverride();
  let exitCode = 0;
  for (const [name, pipeline] of Object.entries(PIPELINES)) {
    const command = program
      .command(name)
      .description(pipeline.description)
      .addOption(stackOption)
      .allowExcessArguments(false)
      .action(async (options: PipelineOptions) => {
        exitCode = await run(pipeline, options);
      });
    for (const option of pipeline.options ?? []) command.addOption(option);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const kinds = [GitError, InvalidInputError, PrerequisiteError, RegistryError];
    if (!(error instanceof Error) || !kinds.some((kind) => error instanceof kind)) throw error;
    const remedy = error instanceof GitError ? error.remedy : undefined;
    console.error(`not begun: ${[error.message, remedy].filter(Boolean).join('; ')}`);
    return 1;
  }
}

async function run(pipeline: Pipeline, options: PipelineOptions): Promise<number> {
  const root = join(import.meta.dirname, '../..');
  const changes = pipeline.needsCleanCheckout === true ? changedFiles(root) : '';
  if (changes !== '') {
    console.error(`not begun: these files are not as in git; commit or stash them:\n${changes}`);
    return 1;
  }
  if (options.image !== undefined) findImage(planCheckout(root, options.stack), options.image);
  const stop = new AbortController();
  let ending = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      ending = 128 + constants.signals[name];
      stop.abort();
    });
  }
  const { stack, image } = options;
  const { env, clear } = await prepareEnvironment({
    env: builderEnvironment(root, stack, stepsEnvironment(process.env)),
    say: console.error,
    ...needsOf(root, stack),
  });
  let putBack: (() => void) | undefined;
  try {
    const state = beginState({ root, stack, env });
    putBack = state.putBack;
    if (state.isNew && pipeline.needsState === true) {
      console.log(`not begun: ${stack} has no state that drift could be seen by`);
      return 0;
    }
    const isEmpty = state.isNew || (image !== undefined && !hasResources({ root, stack, env }));
    // Absent where the settings have problems, which the steps report: nothing may be deleted then.
    const settings = collectProblems([], () => requireSettings(workingTree(root), stack));
    const isPlain = settings?.destination.kind === 'plain';
    if (settings && settings.destination.kind !== 'managed')
      expectNoRepository({ root, stack, env });
    const hasPage = (process.env['IMAGES_PAGE'] ?? '') !== '';
    const steps = pipeline.steps({ ...options, isEmpty, isPlain, hasPage }, process.execPath);
    const results = await runSteps(steps, { root, env, say: console.log, stop: stop.signal });
    console.log(`\n${formatResults(results)}`);
    if (ending === 0) return results.some((result) => result.ending === 'failed') ? 1 : 0;
    console.log('Stopped before the end; the next run begins anew.');
    return ending;
  } finally {
    putBack?.();
    clear();
  }
}

/**
 * What a stack needs of the environment. Its registry is left out where the settings have problems, all of which the
 * steps report, and with an emulator's token, the only one that settings may have: its registry takes no login.
 */
function needsOf(root: string, stack: string): Pick<PreparedOptions, 'registry' | 'plugins'> {
  const needs = collectProblems([], () => {
    const tree = workingTree(root);
    const { registry, destination, refresh } = requireSettings(tree, stack);
    if (destination.kind === 'plain') {
      const plugins: readonly PluginName[] = refresh === undefined ? ['docker'] : ALL_PLUGINS;
      return { registry: { host: registry, login: 'own' as const }, plugins };
    }
    const { accessToken } = googleAccess(loadText(tree, stackFile(stack), 'settings'));
    return accessToken === undefined
      ? { registry: { host: registry, login: 'google' as const } }
      : {};
  });
  return { plugins: ALL_PLUGINS, ...needs };
}

const ALL_PLUGINS: readonly PluginName[] = ['docker', 'gcp'];

/** The environment of steps. The one that publishes a single image sets the variable for that itself, beside targets. */
export function stepsEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...localStateEnvironment(env), [PUBLISH_ONLY]: undefined };
}

/**
 * The tracked files of a checkout that differ from its commit, as git lists them; empty when none does.
 * Throws a GitError where there is no git, or no repository that git trusts.
 */
export function changedFiles(root: string): string {
  return runQuietly(root, ['status', '--porcelain', '--untracked-files=no']).trimEnd();
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
