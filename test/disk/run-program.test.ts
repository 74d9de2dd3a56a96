import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { runProgram, runToEnd, type ProgramOptions } from '../../src/disk/run-program.ts';
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
  expect(failure.message).toMatch(
    /^MISSING_PROGRAM {2}there is no qemu-img on PATH; .*apt-get install qemu-utils xz-utils/,
  );
});

test.each([
  ['says why', 'echo "xz: a.xz: Bad end" >&2; exit 1', 'UNPACK_FAILED  xz: a.xz: Bad end;'],
  ['says nothing', 'kill -9 $$', 'UNPACK_FAILED  xz: it ended with SIGKILL;'],
  ['finds no room', 'echo "xz: No space left on device" >&2; exit 1', 'NO_SPACE  xz: No space'],
])('a program that %s is explained in a line', async (_, script, message) => {
  scriptedXz(script);
  expect((await diskFailure(runProgram('xz', [], options))).message).toContain(message);
});

test('an exit code that is no failure gives the output', async () => {
  scriptedXz('echo leaks', 'exit 3');
  await expect(runProgram('xz', [], { ...options, accept: [3] })).resolves.toBe('leaks\n');
});

test('a run that is cancelled has ended its program when it says so', async () => {
  const folder = scriptedXz('cd "${0%/*}"', 'echo $$ > pid', 'exec sleep 60');
  const cancellation = new AbortController();
  const reason = new Error('cancelled');
  const running = runProgram('xz', [], { ...options, signal: cancellation.signal });
  const pidFile = join(folder, 'pid');
  await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/\d+\n/);
  cancellation.abort(reason);
  await expect(running).rejects.toBe(reason);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a program that prints without end fills no memory', async () => {
  const args = ['-c', 'head -c 40000000 /dev/zero; head -c 40000000 /dev/zero >&2'];
  const { code, stdout, stderr } = await runToEnd('sh', args, {});
  expect(code).toBe(0);
  for (const { length } of [stdout, stderr]) expect(length).toBeLessThan(20_000_000);
});
