import { constants } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { formatResults, runSteps, type Step } from './run-steps.ts';
import { prepareEnvironment } from './prepare-environment.ts';
import { parseStackName } from '../../src/cli/options.ts';
import { GitError, runQuietly } from '../../src/git/run-git.ts';
import { InvalidInputError } from '../../src/problem.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

/** A pipeline as a command. */
interface PipelineCommand<Options> {
  readonly name: string;
  readonly description: string;
  /** Adds options beside `--stack`. */
  readonly configure?: (command: Command) => void;
  /** Whether the pipeline begins only where every file is as in git. */
  readonly needsCleanCheckout?: boolean;
  readonly steps: (options: Options, node: string) => readonly Step[];
}

/** Runs a pipeline. Returns the exit code: 0 when no step failed, 1 when one failed, 2 for a wrong command line. */
export async function runPipeline<Options>(
  pipeline: PipelineCommand<Options>,
  args: readonly string[],
): Promise<number> {
  const program = new Command(pipeline.name)
    .description(pipeline.description)
    .option('--stack <name>', 'the stack that it is for', parseStackName, 'prod')
    .allowExcessArguments(false)
    .exitOverride();
  pipeline.configure?.(program);
  try {
    return await run(pipeline, program.parse(args, { from: 'user' }).opts() as Options);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const kinds = [GitError, InvalidInputError, PrerequisiteError];
    if (!(error instanceof Error) || !kinds.some((kind) => error instanceof kind)) throw error;
    console.error(`not begun: ${error.message}`);
    return 1;
  }
}

async function run<Options>(pipeline: PipelineCommand<Options>, options: Options): Promise<number> {
  const root = join(import.meta.dirname, '../..');
  const changes = pipeline.needsCleanCheckout === true ? changedFiles(root) : '';
  if (changes !== '') {
    console.error(`not begun: these files are not as in git; commit or stash them:\n${changes}`);
    return 1;
  }
  const stop = new AbortController();
  let ending = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      ending = 128 + constants.signals[name];
      stop.abort();
    });
  }
  const { env, clear } = await prepareEnvironment(process.env, console.error);
  try {
    const steps = pipeline.steps(options, process.execPath);
    const results = await runSteps(steps, { root, env, say: console.log, stop: stop.signal });
    console.log(`\n${formatResults(results)}`);
    if (ending === 0) return results.some((result) => result.ending === 'failed') ? 1 : 0;
    console.log('Stopped before the end; the next run begins anew.');
    return ending;
  } finally {
    clear();
  }
}

/**
 * The tracked files of a checkout that differ from its commit, as git lists them; empty when none does.
 * Throws a GitError where there is no git, or no repository that git trusts.
 */
export function changedFiles(root: string): string {
  return runQuietly(root, ['status', '--porcelain', '--untracked-files=no']).trimEnd();
}
