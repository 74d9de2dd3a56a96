import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { processIdentity } from '../../infra/toolchain/pid-file.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { startRun } from '../support/processes.ts';

/** Leaves a daemon and a command with a child, each of which writes its number to a file. */
const PROGRAM = `
import { runCommand } from ${JSON.stringify(module('run-command.ts'))};
import { runInterruptibleMain } from ${JSON.stringify(module('run-main.ts'))};
import { startInBackground } from ${JSON.stringify(module('start-in-background.ts'))};
import { existsSync } from 'node:fs';

await runInterruptibleMain(async () => {
  const there = ['daemon.json', 'daemon.log'].map((name) => process.argv[1] + '/' + name);
  const daemon = { command: 'sleep', args: ['1000'], pidFile: there[0], logFile: there[1] };
  await startInBackground(daemon, () => Promise.resolve(existsSync(there[0])));
  try {
    const child = 'echo $$ > child; exec sleep 1000';
    await runCommand('sh', ['-c', 'sh -c "$0"; true', child], { cwd: process.argv[1] });
  } finally {
    console.log('cleaned up');
    await runCommand('touch', ['started-later'], { cwd: process.argv[1] });
  }
  return 0;
}, console.log);
`;

function module(name: string): string {
  return join(import.meta.dirname, '../../infra/toolchain', name);
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends commands, their children and daemons', async (signal, code) => {
  const folder = temporaryFolder();
  const [child, daemon] = [join(folder, 'child'), join(folder, 'daemon.json')];
  const args = ['--input-type=module', '--eval', PROGRAM, folder];
  const run = startRun(process.execPath, args, folder, process.env);
  const pidIn = (file: string) => Number(/\d+/.exec(readFileSync(file, 'utf8'))?.[0]);
  const isStarted = () => existsSync(child) && readFileSync(child, 'utf8') !== '';
  await vi.waitUntil(isStarted, { timeout: 20_000 });
  const pids = [pidIn(child), pidIn(daemon)];
  expect(pids.map(processIdentity)).not.toContain(undefined);
  run.child.kill(signal);
  const { code: ended, output } = await run.done;
  expect(output).toBe(
    [
      'Interrupted: ending what runs. A second Ctrl-C kills it.',
      'cleaned up',
      'Nothing that was started is left running. The next start goes on from here.',
      '',
    ].join('\n'),
  );
  expect(ended).toBe(code);
  expect(pids.map(processIdentity)).toEqual([undefined, undefined]);
  expect(existsSync(join(folder, 'started-later'))).toBe(false);
});
