import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withoutDockerAddress } from '../../src/docker-address.ts';
import { dockerClient, PATIENCE } from '../../src/verify/docker-client.ts';
import { startContainer } from '../../src/verify/start-container.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { rejection } from '../support/fixtures.ts';

const never = new AbortController().signal;

/** A Docker client of which one command never ends; `calls` are what it was asked for. */
function stuckAt(command: string) {
  const folder = temporaryFolder();
  const [program, log] = [join(folder, 'docker'), join(folder, 'calls')];
  writeFileSync(log, '');
  const script = `#!/bin/sh
echo "$1" >>'${log}'
[ "$1" = ${command} ] && exec sleep 600
[ "$1" = create ] && echo c1
[ "$1" = ps ] && echo c1
true
`;
  writeFileSync(program, script, { mode: 0o755 });
  vi.stubEnv('DOCKER_CLI', program);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return { calls: () => readFileSync(log, 'utf8').trim().split('\n') };
}

test.each(['pull', 'create', 'start', 'ps', 'rm'])(
  'a Docker Engine that never answers to %s is given up, by name',
  async (command) => {
    stuckAt(command);
    const docker = dockerClient(never, process.env, { ...PATIENCE, pull: 0.2, others: 0.2 });
    await expect(docker(command, 'x')).rejects.toThrow(
      `DOCKER_FAILED  docker ${command} did not end within 0.2 seconds`,
    );
  },
);

test('whoever stops it is told so, and not that there was no answer', async () => {
  stuckAt('pull');
  const stop = new AbortController();
  const pulled = dockerClient(stop.signal, process.env, { ...PATIENCE, pull: 10 })('pull', 'x');
  stop.abort(new Error('stopped'));
  await expect(pulled).rejects.toThrow('stopped');
});

test('a container in which nothing answers is not up in time, and is removed', async () => {
  const { calls } = stuckAt('exec');
  const start = {
    timeout: 4,
    grace: 1,
    platform: 'linux/amd64',
    isPrivileged: false,
    signal: never,
  };
  const { message } = await rejection(startContainer('image', start), VerifyError);
  expect(message).toMatch(/^BOOT_TIMEOUT .*nothing in it answered for 5 seconds.*verifyTimeoutSec/);
  expect(calls()).toEqual(['pull', 'ps', 'create', 'start', 'exec', 'rm']);
});

/** Starts a container of a platform on an engine of linux/amd64, where its first program can't be run. */
async function startUnrunnable(platform: string, commands?: readonly string[]): Promise<string> {
  const program = join(temporaryFolder(), 'docker');
  const script = `#!/bin/sh
case $1 in
create) echo c1 ;;
logs) echo 'exec container process \`/sbin/init\`: Exec format error' ;;
exec) echo 'container is not running' >&2; exit 1 ;;
version) echo linux/amd64 ;;
esac
`;
  writeFileSync(program, script, { mode: 0o755 });
  vi.stubEnv('DOCKER_CLI', program);
  const options = { timeout: 4, platform, isPrivileged: false, signal: never };
  return (await rejection(startContainer('image', { ...options, commands }), VerifyError)).message;
}

test.each([[undefined], [['true']]])(
  'a container for another processor that nothing emulates says so (commands: %j)',
  async (commands) => {
    expect(await startUnrunnable('linux/arm64', commands)).toMatch(
      /^FOREIGN_PLATFORM .*linux\/arm64.*apt-get install qemu-user-static/,
    );
  },
);

test('a program that is none is no fault of the platform where the engine has the same', async () => {
  expect(await startUnrunnable('linux/amd64')).toMatch(/^(?!FOREIGN_PLATFORM).*\n[^]*Exec format/);
});

test('it goes where the environment leads, also where a pipeline has set that aside', async () => {
  const program = join(temporaryFolder(), 'docker');
  writeFileSync(program, '#!/bin/sh\necho "$DOCKER_HOST $IMAGES_DOCKER_HOST"\n', { mode: 0o755 });
  const env = withoutDockerAddress({ DOCKER_CLI: program, DOCKER_HOST: 'tcp://docker:2376' });
  expect(env['DOCKER_HOST']).toBeUndefined();
  expect((await dockerClient(never, env)('version')).trim()).toBe('tcp://docker:2376');
});

test('a command that fails without a word is named by its code', async () => {
  const program = join(temporaryFolder(), 'docker');
  writeFileSync(program, '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  const docker = dockerClient(never, { DOCKER_CLI: program });
  await expect(docker('exec', 'c1')).rejects.toThrow('docker exec: it ended with code 7');
});
