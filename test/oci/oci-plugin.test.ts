import { describe, expect, test } from 'vitest';
import { ociPlugin } from '../../infra/oci/oci-plugin.ts';
import { UNKNOWN, type Properties } from '../../infra/plugin/resource-type.ts';
import { basicAuthorization } from '../../src/registry/credentials.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

const ACCOUNT = { username: 'ci', password: 'open sesame' };
const BASIC = basicAuthorization('ci', 'open sesame');

/** There is no Docker config in it. */
const ENV = { DOCKER_CONFIG: '/nowhere' };

const locked: Line = ({ headers }) =>
  headers.authorization === undefined
    ? { status: 401, headers: { 'www-authenticate': 'Basic' } }
    : { status: 404 };

function failures(news: Properties): string[] {
  return (ociPlugin(ENV).checkConfig?.(news) ?? []).map(({ property }) => property);
}

describe('the configuration', () => {
  test.each<{ news: Properties; expected: string[] }>([
    { news: {}, expected: [] },
    { news: { registry: 'a.example', ...ACCOUNT }, expected: [] },
    { news: { registry: 'a.example', username: 'ci', password: UNKNOWN }, expected: [] },
    { news: { registry: 'a.example' }, expected: [] },
    { news: { registry: 'a.example', username: '', password: '' }, expected: [] },
    { news: { registry: 'https://a.example' }, expected: ['registry'] },
    { news: { registry: 'a.example', username: 'ci' }, expected: ['password'] },
    { news: { registry: 'a.example', password: 'x' }, expected: ['username'] },
    { news: ACCOUNT, expected: ['registry'] },
  ])('$news has mistakes in $expected', ({ news, expected }) => {
    expect(failures(news)).toEqual(expected);
  });

  test('another account is a difference that replaces nothing, a rotated password included', () => {
    const plugin = ociPlugin(ENV);
    const olds = { registry: 'a.example', ...ACCOUNT };
    expect(plugin.diffConfig?.(olds, olds)).toEqual({ changed: [] });
    for (const input of ['registry', 'username', 'password']) {
      expect(plugin.diffConfig?.(olds, { ...olds, [input]: 'x' })).toEqual({ changed: [input] });
    }
  });
});

describe('the account', () => {
  async function lookUp(registry: string, configured: Properties): Promise<unknown> {
    const plugin = ociPlugin(ENV);
    await plugin.configure?.(configured);
    return plugin.resources['oci:index:Publication']?.create({
      urn: 'urn',
      inputs: { registry, repository: 'a', tag: 'b' },
      preview: true,
      log: () => undefined,
      signal: new AbortController().signal,
    });
  }

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
});
