import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it, vi } from 'vitest';
import { runMachine, type MachineEnd, type MachineOptions } from '../../src/verify/machine.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const folder = sharedFolder();
let count = 0;

/** Runs a shell as a machine, and returns its end, its console, and whether it still runs. */
async function run(script: string, options: Partial<MachineOptions> = {}) {
  const file = join(folder, `console-${(count += 1)}`);
  const [log, pid] = [`${file}.log`, `${file}.pid`];
  const all = { timeout: 20_000, log, signal: undefined, ...options };
  const { end, console } = await runMachine('sh', ['-c', `echo $$ >${pid}; ${script}`], all);
  const isRunning = () => process.kill(Number(readFileSync(pid, 'utf8')), 0);
  return { end, console, log: readFileSync(log, 'utf8'), isRunning };
}

/** For a busy machine. */
const PATIENT = { timeout: 15_000 };

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const UP = { kind: 'up', sign: 'a login prompt' } as const;

describe.concurrent('a machine', () => {
  it('is ended once it is up, and its whole console is kept', async ({ expect }) => {
    const result = await run(String.raw`printf '\033[1mLinux\r\nvm login: '; exec sleep 60`);
    expect(result.end).toEqual(UP);
    expect(result.console).toBe('Linux\nvm login: ');
    expect(result.log).toContain('\u001b[1mLinux\r\n');
    expect(result.isRunning).toThrow('ESRCH');
  });

  it.for<[string, string, Partial<MachineOptions>, MachineEnd]>([
    [
      'is not up by the first half of a line',
      `printf 'vm login: '; sleep 0.3; echo 'refused for root'`,
      { timeout: 2000 },
      { kind: 'timeout' },
    ],
    [
      'is ended at once when it has stopped, also right after a prompt',
      `printf 'vm login: '; sleep 0.2; echo 'Kernel panic - not syncing: x'`,
      {},
      { kind: 'failed', reason: 'the kernel panicked' },
    ],
    [
      'gets Enter where its prompt was torn',
      `echo 'vm lo[  OK  ] Started a service'; read -r _; printf 'vm login: '`,
      { patience: 300 },
      UP,
    ],
    [
      'is up also when its time is up, whatever it has not done',
      `printf 'vm login: '`,
      { timeout: 3000, isBusy: () => true },
      UP,
    ],
    [
      'is up also when it is silent while it is busy',
      `printf 'vm login: '`,
      { silence: 2500, isBusy: () => true },
      UP,
    ],
    [
      'that is busy is ended at once when it has stopped',
      `printf 'vm login: '; sleep 1.5; echo 'Kernel panic - not syncing: x'`,
      { isBusy: () => true },
      { kind: 'failed', reason: 'the kernel panicked' },
    ],
    [
      'is stuck when it is silent for too long, however far it has got',
      `echo 'GRUB loading...'; echo 'Loading Linux'`,
      { silence: 2000 },
      { kind: 'stuck' },
    ],
    ['is ended when its time is up', 'true', { timeout: 3000 }, { kind: 'timeout' }],
    [
      'is stuck when only its firmware has spoken by then',
      'echo SeaBIOS version 1',
      { firmware: 3000 },
      { kind: 'stuck' },
    ],
  ])('%s', async ([, script, options, end], { expect }) => {
    const result = await run(`${script}; exec sleep 60`, options);
    expect(result.end).toEqual(end);
    expect(result.isRunning).toThrow('ESRCH');
  });

  it('is ended when it is up and has done what it was busy with', async ({ expect }) => {
    const script = String.raw`printf 'vm login: '; sleep 2; printf '\ndone\nvm login: '; exec sleep 60`;
    const isBusy = (text: string) => !text.includes('done');
    const { end, console } = await run(script, { isBusy });
    expect(end).toEqual(UP);
    expect(console).toContain('done');
  });

  it('is beyond its firmware once anything else has spoken', async ({ expect }) => {
    const { end } = await run('echo Linux version; sleep 4', { firmware: 3000 });
    expect(end).toEqual({ kind: 'exited', output: '' });
  });

  it('that ends by itself says why', async ({ expect }) => {
    const { end } = await run('echo "could not open the disk" >&2; exit 1');
    expect(end).toEqual({ kind: 'exited', output: 'could not open the disk' });
  });

  it('that prints without end is ended', async ({ expect }) => {
    const result = await run('exec yes GRUB');
    expect(result.end).toEqual({ kind: 'failed', reason: 'it prints without end' });
    expect(result.isRunning).toThrow('ESRCH');
  });

  it('sees no variable of this process that could be a secret', async ({ expect }) => {
    vi.stubEnv('GOOGLE_ID_TOKEN', 'secret');
    const { console } = await run('env');
    expect(console).toContain('PATH=');
    expect(console).not.toContain('secret');
  });

  it('goes with a process that is killed', async ({ expect }) => {
    const pid = join(folder, 'orphan.pid');
    const machine = JSON.stringify(resolve('src/verify/machine.ts'));
    const script = `import { runMachine } from ${machine};
      const options = { timeout: 60_000, log: ${JSON.stringify(`${pid}.log`)}, signal: undefined };
      await runMachine('sh', ['-c', ${JSON.stringify(`echo $$ >${pid}; exec sleep 60`)}], options);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    await expect.poll(() => existsSync(pid) && readFileSync(pid, 'utf8'), PATIENT).toMatch(/\d/);
    const orphan = Number(readFileSync(pid, 'utf8'));
    expect(process.kill(orphan, 0)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(orphan), PATIENT).toBe(false);
  });

  it('of a program that is not there is an error that says so', async ({ expect }) => {
    const options = { timeout: 20_000, log: join(folder, 'none.log'), signal: undefined };
    await expect(runMachine('no-such-emulator', [], options)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('of a program that is not there is that error also when it comes in pieces', async ({
    expect,
  }) => {
    // As `setpriv` writes it: a pipe may be read between two writes.
    const output = `printf setpriv >&2; sleep 0.3; echo ': failed to execute x: No such file' >&2`;
    await expect(run(output)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is ended when its log can not be written', async ({ expect }) => {
    const options = { timeout: 20_000, log: join(folder, 'no-folder', 'x.log'), signal: undefined };
    await expect(runMachine('sleep', ['60'], options)).rejects.toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
    });
  });

  it('is ended by a signal, whose reason is thrown', async ({ expect }) => {
    const controller = new AbortController();
    const reason = new Error('interrupted');
    setTimeout(() => {
      controller.abort(reason);
    }, 300);
    const { signal } = controller;
    await expect(run('exec sleep 60', { signal })).rejects.toBe(reason);
    await expect(run('exit', { signal })).rejects.toBe(reason);
  });
});
