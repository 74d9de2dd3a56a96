import { describe, expect, test } from 'vitest';
import { dockerApi, type DockerApi } from '../../src/verify/docker-api.ts';
import type { Docker } from '../../src/verify/docker-client.ts';
import { listContainer } from '../../src/verify/list-container.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';
import { scriptedServer } from '../registry/scripted-server.ts';

const IMAGE = `127.0.0.1:5000/ci/debian-12@sha256:${'1'.repeat(64)}`;
const LIST = 'format\tdeb\na\t1\tall\tinstall ok installed\nend\t0\n';
const never = new AbortController().signal;

/** A Docker whose runs print these lists, or fail with these messages, in order. */
function scripted(...runs: readonly (string | { fails: string })[]) {
  const calls: (readonly string[])[] = [];
  let next = 0;
  const docker: Docker = (...args) => {
    if (args[0] === 'ps') return Promise.resolve('');
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
    ['docker run did not end within 300 seconds', /^docker run.* did not end within 300 seconds$/],
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

  test('are unknown with what the container said, where the image can not be pulled either', async () => {
    const { docker } = scripted({ fails: 'rpm: broken' });
    const pulled: Docker = (...args) =>
      args[0] === 'pull'
        ? Promise.reject(new VerifyError('DOCKER_FAILED', 'no such host', 'x'))
        : docker(...args);
    expect(await list(pulled)).toEqual({ kind: 'unknown', reason: 'docker run: rpm: broken' });
    const missing = scripted({ fails: 'No such image: x' });
    const unpulled: Docker = (...args) =>
      args[0] === 'pull'
        ? Promise.reject(new VerifyError('DOCKER_FAILED', 'denied', 'x'))
        : missing.docker(...args);
    expect(await list(unpulled)).toEqual({ kind: 'unknown', reason: 'denied' });
  });

  test.each(['', 'rm'])(
    'are found beside containers of killed runs, which go: %s fails',
    async (fails) => {
      const { docker } = scripted(LIST);
      const removed: (string | undefined)[] = [];
      const left: Docker = (...args) => {
        if (args[0] === 'ps') return Promise.resolve('a1 60 2026-12-01 10:00:00 +0000 UTC\n');
        if (args[0] === 'info') return Promise.resolve('2026-12-01T12:00:00Z\n');
        if (args[0] === 'rm') removed.push(args.at(-1));
        return args[0] === fails
          ? Promise.reject(new VerifyError('DOCKER_FAILED', 'in progress', 'wait'))
          : docker(...args);
      };
      expect(await list(left)).toMatchObject({ kind: 'known' });
      expect(removed).toEqual(['a1']);
    },
  );

  test('are not asked for after the end of a run', async () => {
    const ended = AbortSignal.abort(new Error('interrupted'));
    const { docker } = scripted({ fails: 'x' }, { fails: 'x' });
    await expect(list(docker, ended)).rejects.toThrow('interrupted');
  });

  describe('without a Docker client', () => {
    const docker: Docker = () =>
      Promise.reject(new VerifyError('MISSING_PROGRAM', "can't be started", 'install it'));
    const frame = (stream: number, text: string) => {
      const head = Buffer.alloc(8);
      head.writeUInt8(stream, 0);
      head.writeUInt32BE(Buffer.byteLength(text), 4);
      return Buffer.concat([head, Buffer.from(text)]);
    };

    /** An API whose container prints this, or that fails at a path. */
    function scriptedApi(code: number, fails?: string, says = 'dpkg-query: error: broken') {
      const asked: string[] = [];
      const bodies: unknown[] = [];
      const api: DockerApi = (method, path, body) => {
        if (path.startsWith('/containers/json')) return Promise.resolve(Buffer.from('[]'));
        asked.push(`${method} ${path.replace(/\?.*/, '').replace(/packages-\w+/, 'packages')}`);
        if (body !== undefined) bodies.push(body);
        if (fails !== undefined && path.includes(fails)) {
          return Promise.reject(new VerifyError('DOCKER_FAILED', 'No such image', 'pull it'));
        }
        if (path.endsWith('/wait')) return Promise.resolve(Buffer.from(`{"StatusCode":${code}}`));
        const parts = [LIST.slice(0, 20), LIST.slice(20)].map((part) => frame(1, part));
        const printed = Buffer.concat([frame(2, says), ...parts]);
        return Promise.resolve(path.includes('/logs') ? printed : Buffer.alloc(0));
      };
      return { api, asked, bodies };
    }

    const ask = (api: DockerApi) =>
      listContainer(IMAGE, { platform: 'linux/arm64', signal: never, docker, api });

    test('are asked for by the API, in a container that reaches nothing and is gone', async () => {
      const { api, asked, bodies } = scriptedApi(0);
      expect(await ask(api)).toMatchObject({ kind: 'known', list: { format: 'deb' } });
      const container = '/containers/kubernetes-ci-images-packages';
      expect(asked).toEqual([
        'POST /containers/create',
        `POST ${container}/start`,
        `POST ${container}/wait`,
        `GET ${container}/logs`,
        `DELETE ${container}`,
      ]);
      expect(bodies).toMatchObject([
        {
          Image: IMAGE,
          Entrypoint: ['/bin/sh'],
          HostConfig: { NetworkMode: 'none', SecurityOpt: ['no-new-privileges'] },
        },
      ]);
      expect(JSON.stringify(bodies)).not.toMatch(/Privileged|Binds|Mounts|CapAdd/);
    });

    test('are asked for beside containers of killed runs, which go', async () => {
      const { api } = scriptedApi(0);
      const removed: string[] = [];
      const left: DockerApi = (method, path, body) => {
        const Labels = { 'kubernetes-ci-images.verify-seconds': '60' };
        if (path.startsWith('/containers/json')) {
          return Promise.resolve(Buffer.from(JSON.stringify([{ Id: 'a1', Created: 0, Labels }])));
        }
        if (path === '/info') return Promise.resolve(Buffer.from('{"SystemTime":"2026-12-01"}'));
        if (path.startsWith('/containers/a1')) removed.push(`${method} ${path}`);
        return api(method, path, body);
      };
      expect(await ask(left)).toMatchObject({ kind: 'known' });
      expect(removed).toEqual(['DELETE /containers/a1?force=1&v=1']);
    });

    test('are given up after a time, and the container is gone', async () => {
      const limit = new AbortController();
      // A container that never ends.
      const { registry, asked } = await scriptedServer(({ url }) => {
        if (!url.endsWith('/wait')) return { status: 200 };
        limit.abort();
        return undefined;
      });
      const found = await ask(dockerApi({ host: `tcp://${registry}` }, limit.signal));
      expect(found.kind === 'unknown' && found.reason).toMatch(/did not respond/);
      const deleted = asked.filter(({ method }) => method === 'DELETE').map(({ url }) => url);
      expect(deleted).toEqual([expect.stringMatching(/^\/containers\/kubernetes-ci-images-/)]);
    });

    test('are unknown where the package manager or Docker fails', async () => {
      const failing = await ask(scriptedApi(2).api);
      expect(failing).toEqual({ kind: 'unknown', reason: 'dpkg-query: error: broken' });
      const controls = await ask(scriptedApi(2, undefined, 'a\u001B[2Jb\u009Bc').api);
      expect(controls.kind === 'unknown' && controls.reason).toBe('a [2Jb c');
      const missing = scriptedApi(0, '/create');
      expect(await ask(missing.api)).toEqual({ kind: 'unknown', reason: 'No such image' });
      expect(missing.asked).toContain('POST /images/create');
    });

    test('are unknown with the reason why the image can not be pulled', async () => {
      const { api } = scriptedApi(0, '/containers/create');
      const pulling: DockerApi = async (method, path, body) =>
        path.startsWith('/images/create')
          ? Buffer.from(
              '{"status":"Pulling"}\r\n{"errorDetail":{},"error":"unauthorized: log in"}\r\n',
            )
          : api(method, path, body);
      expect(await ask(pulling)).toEqual({ kind: 'unknown', reason: 'unauthorized: log in' });
    });

    test('are unknown where the Docker Engine does not respond, or not in time', async () => {
      const address = { host: 'tcp://127.0.0.1:9' };
      const away = await ask(dockerApi(address, never));
      expect(away.kind === 'unknown' && away.reason).toMatch(/does not respond.*ECONNREFUSED/);
      const noSocket = await ask(dockerApi({ host: 'unix:///nö/docker.sock' }, never));
      expect(noSocket.kind === 'unknown' && noSocket.reason).toMatch('ENOENT /nö/docker.sock');
      const late = await ask(dockerApi(address, AbortSignal.abort(new Error('timeout'))));
      expect(late.kind === 'unknown' && late.reason).toMatch(/did not respond.*timeout/);
      const bySsh = await ask(dockerApi({ host: 'ssh://builder.example' }, never));
      expect(bySsh.kind === 'unknown' && bySsh.reason).toMatch(/client is needed/);
    });
  });
});
