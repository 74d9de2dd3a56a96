import { describe, expect, test } from 'vitest';
import type { Docker } from '../../src/verify/docker-client.ts';
import { listContainer } from '../../src/verify/list-container.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';

const IMAGE = `127.0.0.1:5000/ci/debian-12@sha256:${'1'.repeat(64)}`;
const LIST = 'format\tdeb\na\t1\tall\tinstall ok installed\nend\t0\n';
const never = new AbortController().signal;

/** A Docker whose runs print these lists, or fail with these messages, in order. */
function scripted(...runs: readonly (string | { fails: string })[]) {
  const calls: (readonly string[])[] = [];
  let next = 0;
  const docker: Docker = (...args) => {
    calls.push(args);
    const result = args[0] === 'run' ? (runs[next++] ?? LIST) : '';
    if (typeof result === 'string') return Promise.resolve(result);
    const problem = `docker run: ${result.fails}`;
    return Promise.reject(new VerifyError('DOCKER_FAILED', problem, 'mend it'));
  };
  return { calls, docker };
}

const list = (docker: Docker, signal = never) =>
  listContainer(IMAGE, { platform: 'linux/arm64', signal, docker });

describe('the packages of a container', () => {
  test('are asked for once, without a pull, by a container that reaches nothing', async () => {
    const { calls, docker } = scripted(LIST);
    expect(await list(docker)).toMatchObject({ kind: 'known', list: { format: 'deb' } });
    expect(calls).toHaveLength(1);
    const options = calls[0]?.slice(0, calls[0].indexOf(IMAGE)) ?? [];
    expect(options).toEqual(
      expect.arrayContaining([
        ...['run', '--rm', '--pull=never', '--platform=linux/arm64', '--network=none'],
        ...['--memory=2g', '--pids-limit=4096', '--security-opt=no-new-privileges'],
        ...['--entrypoint=/bin/sh', '--user=0:0'],
      ]),
    );
    expect(options.join(' ')).not.toMatch(/--(?:volume|mount|privileged|cap-add|device|publish)/);
  });

  test('are asked for again after a pull, where the engine did not build the image', async () => {
    const { calls, docker } = scripted({ fails: 'No such image' }, LIST);
    expect(await list(docker)).toMatchObject({ kind: 'known' });
    expect(calls.map(([command]) => command)).toEqual(['run', 'rm', 'pull', 'run']);
    expect(calls[2]).toEqual(['pull', '--quiet', '--platform', 'linux/arm64', IMAGE]);
  });

  test.each([
    ['exec /bin/sh: exec format error', /does not run programs for linux\/arm64$/],
    ['exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown.', /no shell/],
    ['exec: "/bin/sh": executable file not found in $PATH', /no shell/],
  ])('are unknown where Docker says: %s', async (fails, reason) => {
    const { calls, docker } = scripted({ fails });
    const found = await list(docker);
    expect(found.kind === 'unknown' && found.reason).toMatch(reason);
    expect(calls.map(([command]) => command)).toEqual(['run', 'rm']);
  });

  test('are unknown where Docker fails, and no account is in the reason', async () => {
    const fails = 'proxyconnect http://me:secret@proxy: refused';
    const { docker } = scripted({ fails }, { fails });
    const reason = 'docker run: proxyconnect http://***@proxy: refused';
    expect(await list(docker)).toEqual({ kind: 'unknown', reason });
  });

  test('are not asked for after the end of a run', async () => {
    const ended = AbortSignal.abort(new Error('interrupted'));
    const { docker } = scripted({ fails: 'x' }, { fails: 'x' });
    await expect(list(docker, ended)).rejects.toThrow('interrupted');
  });

  test('are unknown without a Docker client', async () => {
    const docker: Docker = () =>
      Promise.reject(new VerifyError('MISSING_PROGRAM', "can't be started", 'install it'));
    const found = await list(docker);
    expect(found.kind === 'unknown' && found.reason).toMatch(/no Docker client/);
  });
});
