import { expect, test } from 'vitest';
import { CommandError, runCommand, tryCommand } from '../../infra/toolchain/run-command.ts';

test('the output is returned, and each line passed on as it comes', async () => {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  expect(await runCommand('/bin/sh', ['-c', 'echo one; echo two'], { onLine })).toBe('one\ntwo\n');
  expect(lines).toEqual(['one', 'two']);
});

test('a line that comes in pieces is passed on whole', async () => {
  const lines: string[] = [];
  const pieces = String.raw`printf 'on\303'; sleep 0.2; printf '\251\rtwo'`;
  await runCommand('/bin/sh', ['-c', pieces], { onLine: (line) => lines.push(line) });
  expect(lines).toEqual(['on\u00E9', 'two']);
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
