import { expect, test } from 'vitest';
import { ociPlugin } from '../../infra/oci/oci-plugin.ts';
import { basicAuthorization } from '../../src/url.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';
import { callsOf } from './resource-calls.ts';

const ACCOUNT = { username: 'ci', password: 'open sesame' };
const BASIC = basicAuthorization('ci', 'open sesame');
const { signal } = new AbortController();

const locked: Line = ({ headers }) =>
  headers.authorization === undefined
    ? { status: 401, headers: { 'www-authenticate': 'Basic' } }
    : { status: 404 };

/** A plug-in without a Docker config, and a registry that wants a login. */
async function plugin() {
  const server = await scriptedServer(locked);
  const { functions, resources } = ociPlugin({ DOCKER_CONFIG: '/nowhere' });
  const publication = resources['oci:index:Publication'] ?? expect.fail('no publication');
  return {
    ...server,
    logIn: (registry: string) =>
      functions?.['oci:index:logIn']?.({ registry, ...ACCOUNT }, { signal }),
    lookUp: () =>
      callsOf(publication).create({ registry: server.registry, repository: 'a', tag: 'b' }),
  };
}

test('a login is shown to no registry but the one that it is for', async () => {
  const { asked, lookUp, logIn } = await plugin();
  await logIn('a.example');
  await expect(lookUp()).rejects.toThrow('REGISTRY_UNAUTHORIZED');
  expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('a login counts from when it is made, also for a registry that was asked before', async () => {
  const { asked, registry, lookUp, logIn } = await plugin();
  await expect(lookUp()).rejects.toThrow('REGISTRY_UNAUTHORIZED');
  await logIn(registry);
  expect((await lookUp()).outputs).toMatchObject({ published: false });
  const authorizations = asked.map(({ headers }) => headers.authorization);
  // What is refused, and what is not found, is looked up twice.
  expect(authorizations).toEqual([undefined, undefined, BASIC, BASIC]);
});

test.each([
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CREDENTIALS',
  'GOOGLE_OAUTH_ACCESS_TOKEN',
  'GOOGLE_WORKLOAD_IDENTITY_PROVIDER',
  'IMAGES_PUSH_TOKEN',
])('no privileged container is started in a run with %s', async (name) => {
  const { resources } = ociPlugin({ [name]: 'x' });
  const verification = resources['oci:index:Verification'] ?? expect.fail('no verification');
  const inputs = {
    ...{ registry: '127.0.0.1:9', repository: 'a', digest: `sha256:${'a'.repeat(64)}` },
    ...{ kind: 'container', platform: 'linux/amd64', commands: [], timeout: 1, privileged: true },
  };
  await expect(callsOf(verification).create(inputs)).rejects.toThrow('PRIVILEGED_REFUSED');
});
