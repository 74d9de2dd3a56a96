import { globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { engineDisplay } from './engine-display.ts';
import { engineEnvironment } from './engine-environment.ts';
import { hasPendingOperations, waitForEngineLock } from './engine-state.ts';
import type { Progress } from '../toolchain/report.ts';
import { CommandError, runCommand, type CommandOptions } from '../toolchain/run-command.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { PROJECT, type Sandbox, SANDBOX_STACK } from './sandbox.ts';
import { parseDocument } from 'yaml';
import { triggerToken } from './emulators/gitlab/trigger-request.ts';
import { readTextFile, writeIfChanged } from './text-file.ts';

/** Runs the engine with these arguments against the sandbox, and returns what it printed. */
type RunEngine = (
  args: readonly string[],
  more?: Pick<CommandOptions, 'onLine' | 'input'>,
) => Promise<string>;

/** How an `up` ended. */
interface Publication {
  readonly failed: boolean;
  /** Operation (`create`, `same`, `update`, ...) → number of resources. */
  readonly changes: Readonly<Record<string, number>>;
}

/** Refreshes run the program: the oci plug-in gets the registry's login from it, never from the state. */
const UNATTENDED = ['--run-program', '--yes', '--skip-preview', '--non-interactive'];
const QUIET = ['--suppress-outputs', '--suppress-progress', '--color', 'never'];

/** The newest entry of `pulumi stack history`. */
const History = z.tuple(
  [z.object({ resourceChanges: z.record(z.string(), z.number()).nullish() })],
  z.unknown(),
);

/**
 * Brings the stack `sandbox` up, with a refresh: what was removed from the registry or the emulator, or
 * with their files, comes back.
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
    progress.note('nothing is published yet: building every image, a minute or two');
  }
  await pulumi(['stack', 'select', '--create', SANDBOX_STACK]);
  await setTriggerToken(sandbox, pulumi);
  if (hasPendingOperations(sandbox.state, PROJECT, SANDBOX_STACK)) {
    progress.note('clearing what an interrupted run left: published images are adopted anyway');
    await pulumi(['refresh', '--clear-pending-creates', ...UNATTENDED]);
  }
  const display = engineDisplay(progress);
  try {
    await pulumi(['up', '--refresh', ...UNATTENDED, ...QUIET], { onLine: display.line });
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

/** Operations that change nothing: every run reads the registry again. */
const READING = ['same', 'read', 'refresh'];

/** Whether the run created, changed or removed anything. */
export function changedAnything({ changes }: Publication): boolean {
  return Object.entries(changes).some(
    ([operation, count]) => !READING.includes(operation) && count > 0,
  );
}

const SETTING = `${PROJECT}:refreshPipelineToken`;

/**
 * Puts the token that starts pipelines into the stack's settings, encrypted, unless it is there: to
 * encrypt it anew would change the file each time.
 */
async function setTriggerToken(sandbox: Sandbox, pulumi: RunEngine): Promise<void> {
  const token = triggerToken(sandbox.gitlabFolder);
  const known = join(sandbox.gitlabFolder, 'encrypted-token.json');
  // Another token or another encrypted value in the settings is written again.
  const current = () => {
    const settings = parseDocument(readTextFile(sandbox.stackFile) ?? '');
    return JSON.stringify({ token, encrypted: settings.getIn(['config', SETTING]) });
  };
  if (readTextFile(known) === current()) return;
  // By standard input: every user of the machine can read arguments.
  await pulumi(['config', 'set', '--secret', '--stack', SANDBOX_STACK, SETTING], { input: token });
  writeIfChanged(known, current());
}
