import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, expect, test, vi } from 'vitest';
import { runProgram, type ProgramOptions } from '../../src/disk/run-program.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { diskFailure } from './disk-workshop.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const options: ProgramOptions = { signal: undefined, failsWith: 'UNPACK_FAILED' };

/** Makes `xz` a shell script; the folder that it is in. */
function scriptedXz(...lines: readonly string[]): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'xz'), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
  return folder;
}

test('a program that is not there is named, with how to install it', async () => {
  vi.stubEnv('PATH', temporaryFolder());
  const failure = await diskFailure(runProgram('qemu-img', ['--version'], options));
  expect(failure.code).toBe('MISSING_PROGRAM');
  expect(failure.problem).toBe('there is no qemu-img on PATH');
  expect(failure.remedy).toContain('apt-get install qemu-utils xz-utils');
});

test('a program that fails is quoted in a line', async () => {
  scriptedXz('echo "xz: a.xz: Unexpected end of input" >&2', 'exit 1');
  const failure = await diskFailure(runProgram('xz', [], options));
  expect(failure.code).toBe('UNPACK_FAILED');
  expect(failure.problem).toBe('xz: a.xz: Unexpected end of input');
});

test('a program that says nothing is said to have ended, and how', async () => {
  scriptedXz('kill -9 $$');
  const failure = await diskFailure(runProgram('xz', [], options));
  expect(failure.problem).toBe('xz: it ended with SIGKILL');
});

test('an exit code that is no failure gives the output', async () => {
  scriptedXz('echo leaks', 'exit 3');
  await expect(runProgram('xz', [], { ...options, accept: [3] })).resolves.toBe('leaks\n');
});

test('a full file system is a lack of space, whatever was being done', async () => {
  scriptedXz('echo "xz: (stdout): Write error: No space left on device" >&2', 'exit 1');
  expect((await diskFailure(runProgram('xz', [], options))).code).toBe('NO_SPACE');
});

test('a run that is cancelled has ended its program when it says so', async () => {
  const folder = scriptedXz('cd "${0%/*}"', 'echo $$ > pid', 'exec sleep 60');
  const cancellation = new AbortController();
  const reason = new Error('cancelled');
  const running = runProgram('xz', [], { ...options, signal: cancellation.signal });
  const pidFile = join(folder, 'pid');
  await vi.waitFor(() => {
    expect(existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/\d+\n/);
  });
  cancellation.abort(reason);
  await expect(running).rejects.toBe(reason);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
