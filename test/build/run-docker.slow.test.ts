import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runDocker } from '../../src/build/run-docker.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const run = () => runDocker({ args: [], env: {} }, { signal: new AbortController().signal });

test('a run returns the exit code and the last lines of both streams', async () => {
  const script =
    'i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; echo bad >&2; exit 7';
  const docker = join(temporaryFolder(), 'docker');
  writeFileSync(docker, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('DOCKER_CLI', docker);
  const { code, lines } = await run();
  expect(code).toBe(7);
  expect(lines).toHaveLength(200);
  expect(lines).toContain('line 299');
  expect(lines).toContain('bad');
});

test('a command that cannot be started is an error of its own', async () => {
  vi.stubEnv('DOCKER_CLI', join(temporaryFolder(), 'none'));
  await expect(run()).rejects.toThrow('the docker command could not be started');
});
