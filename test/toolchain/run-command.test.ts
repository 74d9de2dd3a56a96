import { expect, test } from 'vitest';
import { CommandError, runCommand, tryCommand } from '../../infra/toolchain/run-command.ts';
import { twoAtATime } from '../../infra/sandbox/two-at-a-time.ts';

test('a command’s output comes back, and each line as it came', async () => {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  expect(await runCommand('/bin/sh', ['-c', 'echo one; echo two'], { onLine })).toBe('one\ntwo\n');
  expect(lines).toEqual(['one', 'two']);
});

test('a failure shows the command, the exit code and the end of the output', async () => {
  const run = runCommand('/bin/sh', ['-c', 'echo why >&2; exit 3']);
  await expect(run).rejects.toThrow(/exit code 3\n {4}why$/);
  await expect(runCommand('/does/not/exist', [])).rejects.toThrow(CommandError);
  expect(await tryCommand('/bin/sh', ['-c', 'exit 1'])).toBeUndefined();
});

test('a time limit ends the command and its children', async () => {
  const begin = Date.now();
  const run = runCommand('/bin/sh', ['-c', 'sleep 30; echo late'], { timeout: 100 });
  await expect(run).rejects.toThrow('SIGKILL');
  expect(Date.now() - begin).toBeLessThan(25_000);
});

test('two at a time: all are done, never three at once; nothing new begins after a failure', async () => {
  let running = 0;
  const seen: number[] = [];
  await twoAtATime([1, 2, 3, 4, 5], async (item) => {
    expect(++running).toBeLessThanOrEqual(2);
    await Promise.resolve();
    seen.push(item);
    running--;
  });
  expect(seen.sort()).toEqual([1, 2, 3, 4, 5]);

  const begun: number[] = [];
  const failing = twoAtATime([1, 2, 3, 4], async (item) => {
    begun.push(item);
    await Promise.resolve();
    if (item === 1) throw new Error('one failed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
  await expect(failing).rejects.toThrow('one failed');
  expect(begun).toEqual([1, 2]);
});
