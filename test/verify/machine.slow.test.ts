import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { runMachine, type MachineOptions } from '../../src/verify/machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'machine-'));
let count = 0;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A machine is any program; this one is a shell that tells its process id first. */
async function run(script: string, options: Partial<MachineOptions> = {}) {
  const log = join(folder, `console-${(count += 1)}`);
  const all = { timeout: 20_000, log, signal: undefined, ...options };
  const result = await runMachine('sh', ['-c', `echo $$; ${script}`], all);
  return { ...result, log: readFileSync(log, 'utf8') };
}

function isRunning(console: string): boolean {
  try {
    process.kill(Number(console.split('\n')[0]), 0);
    return true;
  } catch {
    return false;
  }
}

describe.concurrent('a machine', () => {
  it('is ended once it is up, and its whole console is kept', async ({ expect }) => {
    const result = await run(String.raw`printf '\033[1mLinux\r\nvm login: '; exec sleep 60`);
    expect(result.end).toEqual({ kind: 'up', sign: 'a login prompt' });
    expect(result.console).toMatch(/^\d+\nLinux\nvm login: $/);
    expect(result.log).toContain('\u001b[1mLinux\r\n');
    expect(isRunning(result.console)).toBe(false);
  });

  it('is not up by the first half of a line', async ({ expect }) => {
    const script = `printf 'vm login: '; sleep 0.3; echo 'refused for root'; exec sleep 60`;
    expect((await run(script, { timeout: 2000 })).end).toEqual({ kind: 'timeout' });
  });

  it('is ended at once when it has stopped, also right after a prompt', async ({ expect }) => {
    const { end, console } = await run(
      `printf 'vm login: '; sleep 0.2; echo 'Kernel panic - not syncing: x'; exec sleep 60`,
    );
    expect(end).toEqual({ kind: 'failed', reason: 'the kernel panicked' });
    expect(isRunning(console)).toBe(false);
  });

  it('whose prompt was torn is asked for another', async ({ expect }) => {
    const script = `echo 'vm lo[  OK  ] Started a service'; read -r _; printf 'vm login: '; exec sleep 60`;
    const { end } = await run(script, { patience: 300 });
    expect(end).toEqual({ kind: 'up', sign: 'a login prompt' });
  });

  it('is stuck when it is silent for too long, however far it has got', async ({ expect }) => {
    const script = `echo 'GRUB loading...'; echo 'Loading Linux'; exec sleep 60`;
    const { end, console } = await run(script, { silence: 2000 });
    expect(end).toEqual({ kind: 'stuck' });
    expect(console).toContain('Loading Linux');
    expect(isRunning(console)).toBe(false);
  });

  it('is ended when its time is up', async ({ expect }) => {
    const { end, console } = await run('exec sleep 60', { timeout: 300 });
    expect(end).toEqual({ kind: 'timeout' });
    expect(isRunning(console)).toBe(false);
  });

  it('is stuck when only its firmware has spoken by then', async ({ expect }) => {
    const script = 'echo SeaBIOS version 1; exec sleep 60';
    const log = join(folder, 'firmware');
    const options = { timeout: 20_000, firmware: 300, log, signal: undefined };
    expect((await runMachine('sh', ['-c', script], options)).end).toEqual({ kind: 'stuck' });
    const beyond = await run('echo Linux version; sleep 4', { firmware: 3000 });
    expect(beyond.end).toEqual({ kind: 'exited', output: '' });
  });

  it('that ends by itself says why', async ({ expect }) => {
    const { end } = await run('echo "could not open the disk" >&2; exit 1');
    expect(end).toEqual({ kind: 'exited', output: 'could not open the disk' });
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
