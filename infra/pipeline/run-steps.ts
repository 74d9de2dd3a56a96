import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** Where the steps run, and who hears of them. */
interface Pipeline {
  /** The checkout's top directory. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** Asks for an end: the step at work is told, and no other begins. */
  readonly stop: AbortSignal;
}

/**
 * Runs the steps one after the other, each whatever became of the one before, and says when each begins.
 * Their output goes where this process's goes.
 */
export async function runSteps(
  steps: readonly Step[],
  pipeline: Pipeline,
): Promise<readonly StepResult[]> {
  const { say, stop } = pipeline;
  const results: StepResult[] = [];
  for (const step of steps) {
    if (stop.aborted) break;
    say(`\n## ${step.name}\n$ ${asTyped(step)}`);
    const begun = performance.now();
    const code = await runStep(step, pipeline);
    const seconds = (performance.now() - begun) / 1000;
    results.push({ name: step.name, seconds, ...judge(step, code) });
  }
  return results;
}

function asTyped({ variables = {}, command, args, output }: Step): string {
  const set = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const into = output === undefined ? [] : ['>', output];
  return [...set, command, ...args, ...into].join(' ');
}

/** The exit code, or why there is none. */
async function runStep(
  { command, args, variables, output }: Step,
  { root, env, stop }: Pipeline,
): Promise<number | string> {
  const file = output === undefined ? undefined : openSync(join(root, output), 'w');
  const child = spawn(command, args, {
    ...{ cwd: root, env: { ...env, ...variables } },
    // A group of its own: whoever ends this process with its group would tell the step twice, and two
    // signals mean "at once" to the engine.
    detached: true,
    stdio: ['ignore', file ?? 'inherit', 'inherit'],
  });
  // After one, the engine has its builds ended and writes down how far it got: nothing is forgotten.
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

function judge({ news = {} }: Step, code: number | string): Pick<StepResult, 'ending' | 'outcome'> {
  if (code === 0) return { ending: 'done', outcome: 'done' };
  if (typeof code === 'string') return { ending: 'failed', outcome: `failed: ${code}` };
  const told = news[code];
  if (told !== undefined) return { ending: 'news', outcome: told };
  return { ending: 'failed', outcome: `failed with exit code ${code}` };
}

/** A command of a pipeline. */
export interface Step {
  /** What it is for, in a few words. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables that it has beside the pipeline's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A file, below the checkout, that takes what it prints; the pipeline's log does when absent. */
  readonly output?: string;
  /** Exit codes that are news and no failure → what they say. */
  readonly news?: Readonly<Record<number, string>>;
}

/** How a step ended. */
interface StepResult {
  readonly name: string;
  /** `news` is no failure, but somebody should know. */
  readonly ending: 'done' | 'news' | 'failed';
  /** In a few words. */
  readonly outcome: string;
  readonly seconds: number;
}

const MARKS = { done: '✓', news: '!', failed: '✗' } as const;

/** A line for each step that was begun: ✓, ! or ✗, what it was for, its seconds, how it ended. */
export function formatResults(results: readonly StepResult[]): string {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  return results
    .map(({ name, ending, outcome, seconds }) => {
      const took = `${seconds.toFixed(1)} s`.padStart(8);
      return `${MARKS[ending]} ${name.padEnd(width)} ${took}  ${outcome}`;
    })
    .join('\n');
}
