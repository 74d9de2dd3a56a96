import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runDocker } from '../../../../infra/sandbox/stand-ins/docker/run-docker.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'run-docker-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/** Makes a shell script the docker command of this test. */
function dockerIs(script: string): void {
  const path = join(directory, 'docker');
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('DOCKER_CLI', path);
}

const never = new AbortController().signal;

describe('runDocker', () => {
  test('returns the exit code and the last lines of both streams', async () => {
    dockerIs('i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; echo bad >&2; exit 7');
    const { code, lines } = await runDocker({ args: [], env: {} }, { signal: never });
    expect(code).toBe(7);
    expect(lines).toHaveLength(200);
    expect(lines).toContain('line 299');
    expect(lines).toContain('bad');
  });

  test('a command that cannot be started is an error of its own', async () => {
    vi.stubEnv('DOCKER_CLI', join(directory, 'none'));
    const run = runDocker({ args: [], env: {} }, { signal: never });
    await expect(run).rejects.toThrow('the docker command could not be started');
  });

  test('an abort ends the command, by force if it must, and rejects with its reason', async () => {
    dockerIs(`trap '' TERM; echo $$ > ${directory}/pid; while :; do sleep 0.1; done`);
    const controller = new AbortController();
    const run = runDocker({ args: [], env: {} }, { signal: controller.signal });
    const pid = await vi.waitUntil(() => readPid(), { timeout: 20_000 });
    controller.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow('cancelled');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('does not start anything once aborted', async () => {
    dockerIs(`echo $$ > ${directory}/pid`);
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(runDocker({ args: [], env: {} }, { signal })).rejects.toThrow('cancelled');
    expect(readPid()).toBe(0);
  });
});

/** 0 until the script has written it. */
function readPid(): number {
  try {
    return Number(readFileSync(join(directory, 'pid'), 'utf8'));
  } catch {
    return 0;
  }
}
