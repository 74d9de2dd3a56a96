import { describe, expect, test } from 'vitest';
import { connector } from '../../infra/oci/connect.ts';
import { ociPlugin } from '../../infra/oci/oci-plugin.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { parseRegistry, type Repository, type Tag } from '../../src/image-reference.ts';
import { basicAuthorization } from '../../src/url.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

const ACCOUNT = { username: 'ci', password: 'open sesame' };
const BASIC = basicAuthorization('ci', 'open sesame');

/** There is no Docker config in it. */
const ENV = { DOCKER_CONFIG: '/nowhere' };

const locked: Line = ({ headers }) =>
  headers.authorization === undefined
    ? { status: 401, headers: { 'www-authenticate': 'Basic' } }
    : { status: 404 };

async function lookUp(registry: string, login?: Properties): Promise<unknown> {
  const plugin = ociPlugin(ENV);
  const { signal } = new AbortController();
  if (login !== undefined) await plugin.functions?.['oci:index:logIn']?.(login, { signal });
  return plugin.resources['oci:index:Publication']?.create({
    urn: 'urn',
    inputs: { registry, repository: 'a', tag: 'b' },
    preview: true,
    log: () => undefined,
    signal,
  });
}

describe('a login', () => {
  test('is shown to the registry that it is for', async () => {
    const server = await scriptedServer(locked);
    await lookUp(server.registry, { registry: server.registry, ...ACCOUNT });
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC]);
  });

  test('is not shown to any other', async () => {
    const server = await scriptedServer(locked);
    const failure = lookUp(server.registry, { registry: 'a.example', ...ACCOUNT });
    await expect(failure).rejects.toThrow('REGISTRY_UNAUTHORIZED');
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('counts from when it is made, also for a registry that was asked before', async () => {
    const server = await scriptedServer(locked);
    const registry = parseRegistry(server.registry) ?? expect.fail();
    const { connect, logIn } = connector(ENV);
    const find = async () => {
      const client = await connect(registry, new AbortController().signal);
      return client.headManifest('a' as Repository, 'b' as Tag);
    };
    await expect(find()).rejects.toThrow('REGISTRY_UNAUTHORIZED');
    logIn(registry, ACCOUNT);
    expect(await find()).toBeUndefined();
  });

  test.each([
    ['registry', { registry: 'https://a.example', ...ACCOUNT }],
    ['user name', { registry: 'a.example', password: 'x' }],
    ['password', { registry: 'a.example', username: 'ci' }],
  ])('without a good %s is refused, and quotes nothing', async (_, login) => {
    await expect(lookUp('a.example', login)).rejects.toThrow(
      'a login has a registry (a host), a user name and a password',
    );
  });
});
