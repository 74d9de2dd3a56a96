import { describe, expect, test } from 'vitest';
import { waitForCommands } from '../../src/verify/start-container.ts';
import type { Docker } from '../../src/verify/docker-client.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';

const never = new AbortController().signal;

/** A Docker whose container answers a command by `answer`: undefined for success, or what it complains of. */
function container(answer: (command: string, time: number) => string | undefined, runs = true) {
  const calls: string[] = [];
  let time = 0;
  const docker: Docker = (name = '', ...args) => {
    calls.push(name);
    const complaint = name === 'exec' ? answer(args.at(-1) ?? '', (time += 1)) : undefined;
    const said = { create: 'c1', inspect: String(runs), logs: 'the console' }[name];
    if (complaint === undefined) return Promise.resolve(`${said ?? ''}\n`);
    const problem = `docker exec: ${complaint}`;
    return Promise.reject(new VerifyError('DOCKER_FAILED', problem, 'check it'));
  };
  return { dockerUntil: () => docker, calls };
}

function ask({ dockerUntil }: ReturnType<typeof container>, ...commands: readonly string[]) {
  return waitForCommands(dockerUntil, 'image', { seconds: 1, commands, signal: never });
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
