import { expect, test } from 'vitest';
import { checkNode } from '../../src/verify/check-node.ts';
import type { Docker } from '../../src/verify/docker-client.ts';

const QUESTIONS = { seconds: 60, commands: ['socat', 'conntrack'] };
const NO_CAPABILITY = 'OCI runtime create failed: unable to apply caps: operation not permitted';

/** A Docker that answers by the first word of its arguments, or by a word of the script that it is to run. */
function scripted(answers: Readonly<Record<string, string | Error>>) {
  const calls: string[] = [];
  const docker: Docker = (...args) => {
    const call = args.join(' ');
    calls.push(call);
    const [, answer] = Object.entries(answers).find(([key]) => call.includes(key)) ?? [];
    if (answer instanceof Error) return Promise.reject(answer);
    return answer === undefined ? Promise.reject(new Error(call)) : Promise.resolve(answer);
  };
  return { docker, calls };
}

const BOOTED = {
  'list-units': '',
  'is-system-running': 'running\n',
  'command -v': '',
  create_connection: 'SSH-2.0-OpenSSH_9.2p1\n',
  'logs ':
    'Welcome!\r\n[ **   ] Job a/start running\r\n\u001bM\u001b[K[***   ] Job a/start\r\n\u001b[KUp\r\n',
  'create ': 'c1\n',
  'start ': 'c1\n',
  'rm ': 'c1\n',
};

test('an image that boots is running, with nothing failed and nothing missing', async () => {
  const { docker, calls } = scripted(BOOTED);
  expect(await checkNode(docker, 'some/image:1', QUESTIONS)).toEqual({
    state: 'running',
    failedUnits: [],
    missingCommands: [],
    greeting: 'SSH-2.0-OpenSSH_9.2p1',
    log: 'Welcome!\nUp',
  });
  expect(calls[0]).toMatch(/^create --privileged .* some\/image:1$/);
  expect(calls.at(-1)).toBe('rm --force --volumes c1');
});

test('units that failed and commands that are missing are named', async () => {
  const { docker } = scripted({
    ...BOOTED,
    'is-system-running': 'degraded\n',
    'list-units': 'a.service\nb.mount\n',
    'command -v': 'socat\n',
  });
  expect(await checkNode(docker, 'some/image:1', QUESTIONS)).toMatchObject({
    state: 'degraded',
    failedUnits: ['a.service', 'b.mount'],
    missingCommands: ['socat'],
  });
});

test('a container that ends meanwhile has ended, whatever was seen before', async () => {
  const { docker, calls } = scripted({
    ...BOOTED,
    'command -v': new Error('container c1 is not running'),
    'inspect ': 'false\n',
  });
  expect(await checkNode(docker, 'some/image:1', QUESTIONS)).toMatchObject({ state: 'ended' });
  expect(calls.at(-1)).toBe('rm --force --volumes c1');
});

test('where not every capability can be given, a container gets those that systemd needs', async () => {
  let starts = 0;
  const { docker: answer, calls } = scripted(BOOTED);
  const docker: Docker = (...args) => {
    if (args[0] === 'start' && starts++ === 0) {
      calls.push('start fails');
      return Promise.reject(new Error(NO_CAPABILITY));
    }
    return answer(...args);
  };
  await checkNode(docker, 'some/image:1', QUESTIONS);
  expect(calls.slice(0, 4)).toEqual([
    expect.stringContaining('create --privileged'),
    'start fails',
    'rm --force --volumes c1',
    expect.stringContaining('create --cap-add=SYS_ADMIN'),
  ]);
});

test('a container that can’t be started for any other reason fails, and is removed', async () => {
  const { docker, calls } = scripted({ ...BOOTED, 'start ': new Error('no space left') });
  await expect(checkNode(docker, 'some/image:1', QUESTIONS)).rejects.toThrow('no space left');
  expect(calls.at(-1)).toBe('rm --force --volumes c1');
});
