import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { builderEnvironment } from '../pipeline/builder-environment.ts';
import { engineVariables } from '../pipeline/steps.ts';
import { CHECKOUT, type Sandbox, SANDBOX_STACK, sandboxAt } from './sandbox.ts';
import { isEmulator } from './services.ts';
import { engineEnvironment } from './engine-environment.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import { isRegistry } from './registry.ts';
import { runMain } from '../toolchain/run-main.ts';
import { readRecord, type SandboxRecord } from './sandbox-record.ts';

// `npm run pulumi -- <arguments>`: the engine against the sandbox, with its state and settings.
await runMain(async () => {
  const sandbox = sandboxAt(CHECKOUT);
  const record = readRecord(sandbox);
  if (record === undefined || !(await isRunning(record))) {
    throw new PrerequisiteError("the sandbox isn't running", 'run `npm start` first');
  }
  return runEngine(sandbox, record, process.argv.slice(2));
});

/** Whether the registry and the emulator respond: the engine needs both. */
async function isRunning({ registry, emulator }: SandboxRecord): Promise<boolean> {
  return (await isRegistry(portOf(registry))) && (await isEmulator(portOf(emulator)));
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

async function runEngine(
  sandbox: Sandbox,
  record: SandboxRecord,
  args: readonly string[],
): Promise<number> {
  const env = { ...engineEnvironment(sandbox, record), ...engineVariables(args) };
  const child = spawn(record.engine.command, args, {
    cwd: sandbox.root,
    env: builderEnvironment(sandbox.root, SANDBOX_STACK, env),
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the engine as well, and a second one would cut its work short.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
