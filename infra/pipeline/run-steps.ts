import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** A command of a pipeline. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables of the command beside the pipeline's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A file, below the checkout, for standard output; standard output goes to the pipeline's log when absent. */
  readonly output?: string;
  /** Whether there is something to do, by what earlier steps left in the checkout. Always when absent. */
  readonly isNeeded?: (root: string) => boolean;
  /** Exit codes that are no failure, but worth a notice, with their meaning. */
  readonly notices?: Readonly<Record<number, string>>;
  /** The name of an earlier step, without whose success this one does not begin. */
  readonly after?: string;
}

interface StepResult {
  readonly name: string;
  readonly ending: 'done' | 'notice' | 'failed' | 'left out';
  readonly outcome: string;
  readonly seconds: number;
}

interface Pipeline {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** Ends the pipeline: the running step gets a signal, and no other step begins. */
  readonly stop: AbortSignal;
}

/**
 * Runs the steps that are needed one after the other, each whether or not the one before succeeded unless it is `after`
 * that, and shows when each begins. Their output goes where this process's goes.
 */
export async function runSteps(
  steps: readonly Step[],
  pipeline: Pipeline,
): Promise<readonly StepResult[]> {
  const { say, stop } = pipeline;
  const results: StepResult[] = [];
  for (const step of steps) {
    if (stop.aborted) break;
    if (step.isNeeded?.(pipeline.root) === false) {
      // A later step reads it.
      if (step.output !== undefined) closeSync(openOutput(join(pipeline.root, step.output)));
      continue;
    }
    const { name, after } = step;
    if (
      after !== undefined &&
      !results.some((one) => one.name === after && one.ending === 'done')
    ) {
      const outcome = `left out, since "${after}" has not succeeded`;
      results.push({ name, ending: 'left out', outcome, seconds: 0 });
      continue;
    }
    say(`\n## ${step.name}\n$ ${commandLine(step)}`);
    const begun = performance.now();
    const code = await runStep(step, pipeline);
    const seconds = (performance.now() - begun) / 1000;
    results.push({ name, seconds, ...endingOf(step, code) });
  }
  return results;
}

function commandLine({ variables = {}, command, args, output }: Step): string {
  const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const into = output === undefined ? [] : ['>', output];
  return [...set, command, ...args, ...into].join(' ');
}

/** Returns the exit code, or why there is none. */
async function runStep(
  { command, args, variables, output }: Step,
  { root, env, stop }: Pipeline,
): Promise<number | string> {
  const file = output === undefined ? undefined : openOutput(join(root, output));
  const child = spawn(command, args, {
    cwd: root,
    env: { ...env, ...variables },
    // A group of its own: a signal to this process's group would reach the step twice, and two signals
    // mean "at once" to the engine.
    detached: true,
    stdio: ['ignore', file ?? 'inherit', 'inherit'],
  });
  // After one signal, the engine ends its builds and saves its state: nothing is lost.
  const interrupt = () => child.kill('SIGINT');
  stop.addEventListener('abort', interrupt);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => {
        resolve(error.message);
      });
      child.once('exit', (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    stop.removeEventListener('abort', interrupt);
    if (file !== undefined) closeSync(file);
  }
}

function openOutput(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'w');
}

function endingOf({ notices = {} }: Step, code: number | string) {
  if (code === 0) return { ending: 'done', outcome: 'done' } as const;
  if (typeof code === 'string') return { ending: 'failed', outcome: `failed: ${code}` } as const;
  const notice = notices[code];
  if (notice !== undefined) return { ending: 'notice', outcome: notice } as const;
  return { ending: 'failed', outcome: `failed with exit code ${code}` } as const;
}

const MARKS = { done: '✓', notice: '!', failed: '✗', 'left out': '-' } as const;

/** A line for each step: ✓, !, ✗ or -, its name, its seconds, how it ended. */
export function formatResults(results: readonly StepResult[]): string {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  return results
    .map(({ name, ending, outcome, seconds }) => {
      const took = `${seconds.toFixed(1)} s`.padStart(8);
      return `${MARKS[ending]} ${name.padEnd(width)} ${took}  ${outcome}`;
    })
    .join('\n');
}
