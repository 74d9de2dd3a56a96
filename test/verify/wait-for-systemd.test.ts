import { expect, test } from 'vitest';
import type { Docker } from '../../src/verify/docker-client.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';
import { bootFailure, bootNode } from '../../src/verify/wait-for-systemd.ts';

const NO_CAPABILITY = 'OCI runtime create failed: unable to apply caps: operation not permitted';

type Answer = string | Error;

/** A Docker that answers by the first word of its arguments; of a list, the next answer each time. */
function scripted(answers: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const calls: string[] = [];
  const docker: Docker = (...args) => {
    calls.push(args.join(' '));
    const [command = ''] = args;
    const given = [answers[command]].flat();
    const answer = given[calls.filter((call) => call.startsWith(command)).length - 1] ?? given[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? 'c1\n');
  };
  return { docker, calls };
}

const PRIVILEGED = { seconds: 60, isPrivileged: true };

const BOOTED = {
  exec: 'running\n',
  logs: 'Welcome!\r\n[ **   ] Job a/start running\r\n\u001bM\u001b[K[***   ] Job a/start\r\n\u001b[KUp\r\n',
};
const log = ['Welcome!', 'Up'];
const failed = (problem: string) => new VerifyError('DOCKER_FAILED', problem, 'look');
const GONE = failed('docker logs: No such container: c1');

test.each([
  ['boots is running, with nothing failed', {}, { state: 'running', failedUnits: [], log }],
  [
    'has units that fail is degraded, with their names',
    { exec: 'degraded\na.service\nb.mount\n' },
    { state: 'degraded', failedUnits: ['a.service', 'b.mount'], log },
  ],
  [
    'ends meanwhile has ended',
    { exec: failed('container c1 is not running'), ps: '' },
    { state: 'ended', failedUnits: [], log },
  ],
  [
    'ends meanwhile has ended also where the engine notes it later',
    { exec: failed('docker exec: it ended with code 137'), ps: ['c1\n', ''] },
    { state: 'ended', failedUnits: [], log },
  ],
  [
    'is removed meanwhile has ended',
    { exec: failed('No such container'), ps: '', logs: GONE },
    { state: 'ended', failedUnits: [], log: ['docker logs: No such container: c1'] },
  ],
])('an image that %s', async (_, answers, node) => {
  const { docker, calls } = scripted({ ...BOOTED, ...answers });
  expect(await bootNode(docker, 'some/image:1', PRIVILEGED)).toEqual(node);
  expect(calls[0]).toMatch(/^create .* --privileged some\/image:1$/);
  expect(calls.at(-1)).toBe('rm --force --volumes c1');
});

test.each(['ended', 'absent', 'starting'])(
  'an image without privileges whose systemd is %s may need them, and one with them does not',
  (state) => {
    const remedyOf = (isPrivileged: boolean) =>
      bootFailure({ state, failedUnits: [], log }, { seconds: 60, isPrivileged }).remedy;
    expect(remedyOf(false)).toContain('`verifyPrivileged: true`');
    expect(remedyOf(true)).not.toContain('verifyPrivileged');
  },
);

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
  await bootNode(docker, 'some/image:1', PRIVILEGED);
  expect(calls.slice(0, 4)).toEqual([
    expect.stringMatching(/^create .* --privileged/),
    'start fails',
    'rm --force --volumes c1',
    expect.stringMatching(/^create .* --cap-add=SYS_ADMIN/),
  ]);
});

test.each([
  ['can’t be started for any other reason', { start: new Error('no space left') }],
  ['can’t be asked though it runs', { exec: new Error('no space left'), ps: 'c1\n' }],
])('a container that %s fails, and is removed', async (_, answers) => {
  const { docker, calls } = scripted({ ...BOOTED, ...answers });
  await expect(bootNode(docker, 'some/image:1', PRIVILEGED)).rejects.toThrow('no space left');
  expect(calls.at(-1)).toBe('rm --force --volumes c1');
});
