import { describe, expect, test } from 'vitest';
import { waitForCommands } from '../../src/verify/start-container.ts';
import { type Docker } from '../../src/verify/docker-client.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';

const never = new AbortController().signal;

const UNPRIVILEGED = { seconds: 1, isPrivileged: false };

/** A Docker whose container answers a command by `answer`: undefined for success, or what it complains of. */
function container(
  answer: (command: string, time: number) => string | undefined,
  state: 'runs' | 'ended' | 'gone' = 'runs',
) {
  const calls: string[] = [];
  const created: string[] = [];
  let time = 0;
  const docker: Docker = (name = '', ...args) => {
    calls.push(name);
    if (name === 'create') created.push(...args);
    const complaints: Readonly<Record<string, string | undefined>> = {
      exec: name === 'exec' ? answer(args.at(-1) ?? '', (time += 1)) : undefined,
      logs: state === 'gone' ? 'No such container: c1' : undefined,
    };
    const said = { create: 'c1', ps: state === 'runs' ? 'c1' : '', logs: 'the console' }[name];
    if (complaints[name] === undefined) return Promise.resolve(`${said ?? ''}\n`);
    const problem = `docker ${name}: ${complaints[name]}`;
    return Promise.reject(new VerifyError('DOCKER_FAILED', problem, 'check it'));
  };
  return { dockerUntil: () => docker, calls, created };
}

function ask({ dockerUntil }: ReturnType<typeof container>, ...commands: readonly string[]) {
  return waitForCommands(dockerUntil, 'image', { ...UNPRIVILEGED, commands, signal: never });
}

describe('a container whose commands', () => {
  test('succeed is up, and gone', async () => {
    const up = container(() => undefined);
    expect(await ask(up, 'a', 'b')).toBe('its 2 commands succeed');
    expect(up.calls).toEqual(['create', 'start', 'exec', 'exec', 'rm']);
  });

  test('succeed later is up', async () => {
    const late = container((_, time) => (time < 2 ? 'not yet' : undefined));
    expect(await ask(late, 'a')).toBe('its command succeeds');
  });

  test('do not succeed in time is named with what it said last, and is gone', async () => {
    const broken = container((command) => (command === 'b' ? 'no such file' : undefined));
    const failure = ask(broken, 'a', 'b');
    await expect(failure).rejects.toMatchObject({ code: 'COMMAND_FAILED', shown: ['the console'] });
    await expect(failure).rejects.toThrow(/"b" did not succeed within 1 seconds: .*no such file/);
    expect(broken.calls.at(-1)).toBe('rm');
  });

  test('can not be asked any more has ended', async () => {
    const ended = container(() => 'is not running', 'ended');
    await expect(ask(ended, 'a')).rejects.toThrow(/"a" did not succeed before the container ended/);
    expect(ended.calls.filter((call) => call === 'exec')).toHaveLength(1);
  });

  test('is gone fails by its command, with what it said last', async () => {
    const gone = container(() => 'no such file', 'gone');
    await expect(ask(gone, 'a')).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      problem: '"a" did not succeed before the container ended: docker exec: no such file',
      shown: ['docker logs: No such container: c1'],
    });
  });
});

describe('a container, whatever is in it,', () => {
  const REACH = /^--(?:volume|mount|env|env-file|device|publish|network=(?!none)|pid|ipc|userns)\b/;

  test.each([
    [false, [], ['--privileged', '--cap-add=SYS_ADMIN']],
    [true, ['--privileged'], ['--security-opt=no-new-privileges']],
  ])('reaches nothing and is limited (privileged: %s)', async (isPrivileged, has, hasNot) => {
    const { dockerUntil, created } = container(() => undefined);
    const platform = 'linux/arm64';
    const options = { seconds: 1, isPrivileged, platform, commands: ['a'], signal: never };
    await waitForCommands(dockerUntil, 'image', options);
    expect(created).toEqual(
      expect.arrayContaining([
        '--network=none',
        '--memory=2g',
        '--pids-limit=4096',
        '--platform=linux/arm64',
        ...has,
      ]),
    );
    for (const option of hasNot) expect(created).not.toContain(option);
    expect(created.filter((option) => REACH.test(option))).toEqual(['--env']);
    expect(created[created.indexOf('--env') + 1]).toBe('NO_COLOR=1');
    expect(created.at(-1)).toBe('image');
  });

  test('can be told from others, by the seconds that a run has it', async () => {
    const { dockerUntil, created } = container(() => undefined);
    await ask({ dockerUntil, calls: [], created }, 'a');
    expect(created[0]).toMatch(/^--name=kubernetes-ci-images-verify-[0-9a-f]{8}$/);
    expect(created[1]).toBe('--label=kubernetes-ci-images.verify-seconds=3601');
  });
});
