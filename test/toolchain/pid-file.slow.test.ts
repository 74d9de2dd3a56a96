import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endProcess, recordOf, runningProcess } from '../../infra/toolchain/pid-file.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test('a recorded process is found, ended and waited for, and its file goes', async () => {
  const { child, pid } = sleeper();
  const file = recorded(recordOf(pid));
  expect(runningProcess(file)?.pid).toBe(pid);
  const exit = once(child, 'exit');
  expect(await endProcess(file)).toBe(true);
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(existsSync(file)).toBe(false);
});

test('a process that got the number of one that has ended is never touched', async () => {
  const { child, pid } = sleeper();
  const file = recorded({ ...recordOf(pid), identity: 'of an earlier process' });
  expect(runningProcess(file)).toBeUndefined();
  expect(await endProcess(file)).toBe(false);
  expect(child.signalCode).toBeNull();
  expect(recordOf(pid).identity).not.toBe('gone');
  expect(existsSync(file)).toBe(false);
});

test('a process that ignores the request to end is killed when patience is over', async () => {
  const { child, pid } = sleeper('trap "" TERM; echo ready; while :; do sleep 0.1; done');
  if (child.stdout !== null) await once(child.stdout, 'data');
  const exit = once(child, 'exit');
  expect(await endProcess(recorded(recordOf(pid)), 100)).toBe(true);
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test.each(['', '{', 'null', '{"pid":"1","identity":"x"}', '12'])(
  'a damaged pid file names no process: %j',
  async (text) => {
    const file = join(temporaryFolder(), 'pid');
    writeFileSync(file, text);
    expect(runningProcess(file)).toBeUndefined();
    expect(await endProcess(file)).toBe(false);
  },
);

test('a process that ended but is not collected yet counts as gone', async () => {
  // The shell's child becomes a zombie: the shell goes on as `sleep`, which never collects it,
  // and has become that before the child ends.
  const { child } = sleeper('sleep 0.5 & echo $!; exec sleep 60');
  if (child.stdout === null) throw new Error('no output');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const zombie = Number(line.toString());
  await expect.poll(() => recordOf(zombie).identity).toBe('gone');
  if (existsSync('/proc/self/stat')) {
    expect(readFileSync(`/proc/${zombie}/stat`, 'utf8')).toContain(' Z ');
  }
});

function sleeper(script = 'exec sleep 60'): { child: ChildProcess; pid: number } {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  if (child.pid === undefined) throw new Error('no shell');
  return { child, pid: child.pid };
}

function recorded(record: object): string {
  const file = join(temporaryFolder(), 'pid');
  writeFileSync(file, JSON.stringify(record));
  return file;
}
