import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { engineDisplay } from './engine-display.ts';
import { engineEnvironment } from './engine-environment.ts';
import { hasPendingOperations } from './has-pending-operations.ts';
import { setTriggerToken } from './set-trigger-token.ts';
import type { Progress } from '../toolchain/report.ts';
import { CommandError, runCommand } from '../toolchain/run-command.ts';
import type { RunEngine } from './run-engine.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { PROJECT, type Sandbox, SANDBOX_STACK } from './sandbox.ts';
import { waitForEngineLock } from './wait-for-engine-lock.ts';

/** How an `up` ended. */
export interface Publication {
  readonly failed: boolean;
  /** Operation (`create`, `same`, `update`, ...) → number of resources. */
  readonly changes: Readonly<Record<string, number>>;
}

/** For a refresh: the oci plug-in gets the registry's login from the program, and never from the state. */
const REFRESHING = ['--run-program'];

/** The newest entry of `pulumi stack history`. */
const History = z.tuple(
  [z.object({ resourceChanges: z.record(z.string(), z.number()).nullish() })],
  z.unknown(),
);

/**
 * Brings the stack `sandbox` up. Everything is looked at again: what was removed from the registry or
 * the emulator, or with their files, comes back.
 */
export async function publish(
  sandbox: Sandbox,
  record: SandboxRecord,
  progress: Progress,
): Promise<Publication> {
  mkdirSync(sandbox.state, { recursive: true });
  await waitForEngineLock(sandbox.state, progress.note);
  const options = { cwd: sandbox.root, env: engineEnvironment(sandbox, record) };
  const pulumi: RunEngine = (args, more) =>
    runCommand(record.engine.command, args, { ...options, ...more });

  if (globSync(join(sandbox.state, '.pulumi/stacks/*/*.json')).length === 0) {
    progress.note('nothing is published yet: building every image, about a minute');
  }
  await pulumi(['stack', 'select', '--create', SANDBOX_STACK]);
  await setTriggerToken(sandbox, pulumi);
  if (hasPendingOperations(sandbox.state, PROJECT, SANDBOX_STACK)) {
    progress.note('clearing what an interrupted run left: published images are adopted anyway');
    await pulumi(['refresh', ...REFRESHING, '--yes', '--skip-preview', '--clear-pending-creates']);
  }
  const up = [
    'up',
    '--refresh',
    ...REFRESHING,
    '--yes',
    '--skip-preview',
    '--non-interactive',
    '--suppress-outputs',
  ];
  const display = engineDisplay(progress);
  try {
    await pulumi([...up, '--suppress-progress', '--color', 'never'], { onLine: display.line });
    display.end(false);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    display.end(true);
    return { failed: true, changes: {} };
  }
  const history = await pulumi(['stack', 'history', '--json', '--page-size', '1']);
  const [{ resourceChanges }] = History.parse(JSON.parse(history));
  return { failed: false, changes: resourceChanges ?? {} };
}

/** Operations that only look: the registry is asked again on every run. */
const LOOKS = ['same', 'read', 'refresh'];

/** Whether the run created, changed or removed anything. */
export function changedAnything({ changes }: Publication): boolean {
  return Object.entries(changes).some(
    ([operation, count]) => !LOOKS.includes(operation) && count > 0,
  );
}
