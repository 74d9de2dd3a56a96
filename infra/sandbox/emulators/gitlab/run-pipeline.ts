import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cloneProject } from './clone-project.ts';
import type { Pipeline } from './pipeline.ts';
import { BRANCH } from './project-repository.ts';
import { pullCatalog } from './pull-catalog.ts';
import { runScript } from './run-script.ts';
import { engineEnvironment } from '../../engine-environment.ts';
import { takeLock } from '../../../toolchain/lock.ts';
import { readRecord } from '../../sandbox-record.ts';
import { type Sandbox, SANDBOX_STACK } from '../../sandbox.ts';
import { waitForEngineLock } from '../../wait-for-engine-lock.ts';

const SCRIPT = ['npm', 'run', '-s', 'refresh-pipeline', '--', '--stack', SANDBOX_STACK];

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
    const env = environmentOf(sandbox, pipeline);
    const code = await runScript(SCRIPT, { cwd: checkout, env, log, stop });
    if (!(await pullCatalog(sandbox, pipeline.sha))) {
      writeSync(log, 'The checkout has another catalog than this began with, and keeps it.\n');
    }
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
