import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Step, StepResult } from './step.ts';

/** Where the steps run, and who hears of them. */
export interface Pipeline {
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
