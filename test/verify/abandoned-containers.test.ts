import { describe, expect, test, vi } from 'vitest';
import {
  containersByApi,
  containersByClient,
  removeAbandoned,
} from '../../src/verify/abandoned-containers.ts';
import type { DockerApi } from '../../src/verify/docker-api.ts';
import { type Docker } from '../../src/verify/docker-client.ts';
import { VerifyError } from '../../src/verify/verify-error.ts';

const LABEL = 'kubernetes-ci-images.verify-seconds';
const NOON = '2026-12-01T12:00:00.123456789Z';

/** A container as an engine lists it: its id, its label, and when it was created. */
type Listed = readonly [id: string, seconds: string, created: string];

const OVER: Listed = ['a1', '3600', '2026-12-01 11:59:00 +0100'];
const OVER_TOO: Listed = ['b2', '3600', '2026-12-01 10:59:59 +0000'];
const RUNNING: Listed = ['c3', '3600', '2026-12-01 11:00:01 +0000'];

type Remove = (id: string) => Promise<string>;

/** A Docker Engine whose clock shows noon, by its client and by its API. */
const WAYS = {
  client: (listed: readonly Listed[], remove: Remove) => {
    const lines = listed.map((fields) => `${fields.join(' ')} UTC\n`);
    const docker: Docker = (command, ...args) => {
      if (command === 'ps') return Promise.resolve(lines.join(''));
      return command === 'info' ? Promise.resolve(`${NOON}\n`) : remove(args.at(-1) ?? '');
    };
    return containersByClient(docker);
  },
  API: (listed: readonly Listed[], remove: Remove) => {
    const containers = listed.map(([Id, seconds, created]) => {
      return { Id, Created: Date.parse(created) / 1000, Labels: { [LABEL]: seconds } };
    });
    const api: DockerApi = async (method, path) => {
      const [, id = ''] = /^\/containers\/(\w+)\?force=1&v=1$/.exec(path) ?? [];
      if (method === 'DELETE') return Buffer.from(await remove(id));
      const response = path === '/info' ? { SystemTime: NOON } : containers;
      return Buffer.from(JSON.stringify(response));
    };
    return containersByApi(api);
  },
};

describe.each(['client', 'API'] as const)('containers of killed runs, by the %s', (way) => {
  function engine(listed: readonly Listed[], rm = () => Promise.resolve('')) {
    const removed: string[] = [];
    const remove = (id: string) => {
      removed.push(id);
      return rm();
    };
    return { containers: WAYS[way](listed, remove), removed };
  }

  test('go once their time is over by the clock of the Docker Engine, whatever the one here shows', async () => {
    const { containers, removed } = engine([OVER, RUNNING, OVER_TOO]);
    vi.setSystemTime('2027-01-01T00:00:00Z');
    await removeAbandoned(containers).finally(() => vi.useRealTimers());
    expect(removed).toEqual(['a1', 'b2']);
  });

  test('stay where a time can not be read, and no other does', async () => {
    const broken: readonly Listed[] = [
      ['a1', '', '2020-12-01 11:00:01 +0000'],
      ['d4', '60', 'a while ago'],
      ['c3', '60', ''],
    ];
    const { containers, removed } = engine([...broken, OVER_TOO]);
    await removeAbandoned(containers);
    expect(removed).toEqual(['b2']);
  });

  test('fail nothing where another run removes them at the same time', async () => {
    const problem = 'docker rm: removal of container a1 is already in progress';
    const busy = new VerifyError('DOCKER_FAILED', problem, 'wait');
    const { containers, removed } = engine([OVER, OVER_TOO], () => Promise.reject(busy));
    await removeAbandoned(containers);
    expect(removed).toEqual(['a1', 'b2']);
  });
});
