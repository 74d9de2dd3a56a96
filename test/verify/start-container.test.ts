import { describe, expect, test } from 'vitest';
import { waitForCommands } from '../../src/verify/start-container.ts';
import { type Docker } from '../../src/verify/docker-client.ts';
import { removeAbandonedNodes } from '../../src/verify/node-container.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';

const never = new AbortController().signal;

const UNPRIVILEGED = { seconds: 1, isPrivileged: false };

/** A Docker whose container answers a command by `answer`: undefined for success, or what it complains of. */
function container(answer: (command: string, time: number) => string | undefined, runs = true) {
  const calls: string[] = [];
  const created: string[] = [];
  let time = 0;
  const docker: Docker = (name = '', ...args) => {
    calls.push(name);
    if (name === 'create') created.push(...args);
    const complaint = name === 'exec' ? answer(args.at(-1) ?? '', (time += 1)) : undefined;
    const said = { create: 'c1', inspect: String(runs), logs: 'the console' }[name];
    if (complaint === undefined) return Promise.resolve(`${said ?? ''}\n`);
    const problem = `docker exec: ${complaint}`;
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
    const ended = container(() => 'is not running', false);
    await expect(ask(ended, 'a')).rejects.toThrow(/"a" did not succeed before the container ended/);
    expect(ended.calls.filter((call) => call === 'exec')).toHaveLength(1);
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

  test('can be told from others, and goes with a later run once its time is over', async () => {
    const { dockerUntil, created } = container(() => undefined);
    await ask({ dockerUntil, calls: [], created }, 'a');
    expect(created[0]).toMatch(/^--name=kubernetes-ci-images-verify-[0-9a-f]{8}$/);
    const [, label = '', until] = /^--label=(.*)=(\d+)$/.exec(created[1] ?? '') ?? [];
    expect(Number(until) - Date.now() / 1000).toBeGreaterThan(3600);
    const removed: string[] = [];
    await removeAbandonedNodes((...args) => {
      if (args[0] === 'rm') removed.push(args.at(-1) ?? '');
      expect(args[0] === 'rm' || args.includes(`label=${label}`)).toBe(true);
      return Promise.resolve(`killed 1700000000\nrunning ${until ?? ''}\n`);
    });
    expect(removed).toEqual(['killed']);
  });
});
