import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cloneProject } from './clone-project.ts';
import type { Pipeline } from './pipeline.ts';
import { BRANCH, readFromMain } from './project-repository.ts';
import { engineEnvironment } from '../engine-environment.ts';
import { takeLock } from '../lock.ts';
import { readRecord } from '../sandbox-record.ts';
import { type Sandbox, SANDBOX_STACK } from '../sandbox.ts';
import { waitForEngineLock } from '../wait-for-engine-lock.ts';
import { writeIfChanged } from '../write-if-changed.ts';

/** How long what was asked to end may take before it is killed, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Runs the refresh's script in a clone, with the variables that GitLab sets. All that is said goes to
 * `<folder>/log`. Returns whether it succeeded. Meanwhile nobody else is at work in the sandbox, as
 * pipelines of the same stack wait for one another.
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
  const release = await waitForLock(sandbox, stop);
  try {
    if (stop.aborted) return false;
    await waitForEngineLock(sandbox.state, () => undefined);
    await cloneProject(sandbox, pipeline, checkout);
    const code = await runScript(checkout, environmentOf(sandbox, pipeline), log, stop);
    await pullCatalog(sandbox);
    return code === 0;
  } catch (error) {
    writeSync(log, `${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  } finally {
    rmSync(checkout, { recursive: true, force: true });
    release();
    closeSync(log);
  }
}

async function waitForLock({ lockFile }: Sandbox, stop: AbortSignal): Promise<() => void> {
  for (;;) {
    const lock = takeLock(lockFile);
    if (typeof lock === 'function') return lock;
    if (stop.aborted) return () => undefined;
    await sleep(200);
  }
}

/** GitLab's predefined variables, as far as anything here could look at them. */
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
  };
}

async function runScript(
  checkout: string,
  env: NodeJS.ProcessEnv,
  log: number,
  stop: AbortSignal,
): Promise<number> {
  // A group of its own: what it starts is told to end as well.
  const child = spawn('npm', ['run', '-s', 'refresh-pipeline', '--', '--stack', SANDBOX_STACK], {
    cwd: checkout,
    env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  const signal = (name: NodeJS.Signals) =>
    child.pid !== undefined && process.kill(-child.pid, name);
  let killing: NodeJS.Timeout | undefined;
  const end = () => {
    signal('SIGTERM');
    killing = setTimeout(signal, PATIENCE, 'SIGKILL');
  };
  stop.addEventListener('abort', end);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    clearTimeout(killing);
    stop.removeEventListener('abort', end);
  }
}

/** What was pushed to `main` is what the checkout has from now on, as if somebody had pulled. */
async function pullCatalog({ root, project, catalogFile }: Sandbox): Promise<void> {
  const catalog = await readFromMain(project, relative(root, catalogFile));
  if (catalog !== undefined) writeIfChanged(catalogFile, catalog);
}
