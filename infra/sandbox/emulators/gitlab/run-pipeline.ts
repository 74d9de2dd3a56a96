import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../../src/problem.ts';
import { waitForLock } from '../../../toolchain/lock.ts';
import { engineEnvironment } from '../../engine-environment.ts';
import { waitForEngineLock } from '../../engine-state.ts';
import { readRecord } from '../../sandbox-record.ts';
import { ACCESS_TOKEN, type Sandbox, SANDBOX_STACK } from '../../sandbox.ts';
import type { Pipeline } from './pipelines.ts';
import { BRANCH, cloneProject, pullCatalog } from './project-repository.ts';

const SCRIPT = ['npm', 'run', '-s', 'refresh-pipeline', '--', '--stack', SANDBOX_STACK];

/**
 * Runs the refresh's script in a clone, with the variables that GitLab sets. All output goes to
 * `<folder>/log`. Returns whether it succeeded. Holds the sandbox's lock meanwhile, as pipelines of the
 * same stack wait for one another.
 */
export async function runPipeline(
  sandbox: Sandbox,
  pipeline: Pipeline,
  folder: string,
  stop: AbortSignal,
): Promise<boolean> {
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, 'log'), 'a');
  const checkout = join(folder, 'checkout');
  const release = await waitForLock(sandbox.lockFile, undefined, stop);
  try {
    if (release === undefined) return false;
    await waitForEngineLock(sandbox.state, () => undefined);
    await cloneProject(sandbox, pipeline, checkout);
    const env = environmentOf(sandbox, pipeline);
    const code = await runScript(SCRIPT, { cwd: checkout, env }, log, stop);
    if (!(await pullCatalog(sandbox, pipeline.sha))) {
      writeSync(log, 'The checkout has another catalog than this began with, and keeps it.\n');
    }
    return code === 0;
  } catch (error) {
    writeSync(log, `${messageOf(error)}\n`);
    return false;
  } finally {
    rmSync(checkout, { recursive: true, force: true });
    release?.();
    closeSync(log);
  }
}

/** GitLab's predefined variables, as far as this project reads them. */
function environmentOf(sandbox: Sandbox, pipeline: Pipeline): NodeJS.ProcessEnv {
  const record = readRecord(sandbox);
  if (record === undefined) throw new Error('there is no sandbox any more; run `npm start`');
  return {
    ...engineEnvironment(sandbox, record),
    CI: 'true',
    GITLAB_CI: 'true',
    CI_PIPELINE_ID: String(pipeline.id),
    CI_PIPELINE_SOURCE: pipeline.source,
    CI_PROJECT_ID: String(pipeline.project_id),
    CI_COMMIT_BRANCH: pipeline.ref,
    CI_COMMIT_SHA: pipeline.sha,
    CI_DEFAULT_BRANCH: BRANCH,
    // The identity that a pipeline on GitLab gets: its Docker logs in with it.
    GOOGLE_OAUTH_ACCESS_TOKEN: ACCESS_TOKEN,
  };
}

/** Milliseconds between SIGTERM and SIGKILL; less than `endProcess` waits. */
const PATIENCE = 20_000;

/**
 * Runs a command to its end, with all output to the file descriptor `log`, and returns its exit code; 1 when
 * it was killed. `stop` ends the command, or keeps it from beginning.
 */
export async function runScript(
  [command = '', ...args]: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env'>,
  log: number,
  stop: AbortSignal,
): Promise<number> {
  // The signal may have come before the listener below.
  if (stop.aborted) return 1;
  // A group of its own, so that a signal reaches its children too.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log, log] });
  const signal = (name: NodeJS.Signals) =>
    child.pid !== undefined && process.kill(-child.pid, name);
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    signal('SIGTERM');
    killing = setTimeout(signal, PATIENCE, 'SIGKILL');
  };
  stop.addEventListener('abort', end);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    clearTimeout(killing);
    stop.removeEventListener('abort', end);
  }
}
