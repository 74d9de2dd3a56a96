import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connector } from '../../infra/oci/connect.ts';
import { parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { basicAuthorization } from '../../src/url.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { failureOf } from '../registry/client-of.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { known } from '../support/fixtures.ts';

test('the plug-in has the account of whoever runs the pipeline, not the one that only pushes', async () => {
  const folder = temporaryFolder();
  const account = '{"Username":"oauth2accesstoken","Secret":"token of %s"}';
  const helper = `#!/bin/sh\nprintf '${account}' "\${GOOGLE_PUSHER:-the pipeline}"\n`;
  writeFileSync(join(folder, 'docker-credential-test'), helper, { mode: 0o755 });
  writeFileSync(join(folder, 'config.json'), '{"credsStore":"test"}');
  const path = `${folder}:${process.env['PATH'] ?? ''}`;
  const env = { DOCKER_CONFIG: folder, PATH: path, GOOGLE_PUSHER: 'the pusher' };
  const credentials = await connector(env).credentialsFor(known(parseRegistry('registry.example')));
  expect(credentials).toMatchObject({ password: 'token of the pipeline' });
});

test('a client that is at work when its login is renewed goes on with the new one', async () => {
  let accepted = 'first';
  const server = await scriptedServer(({ headers: { authorization } }) =>
    authorization === basicAuthorization('ci', accepted)
      ? { status: 200, body: '{"tags":["a"]}' }
      : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
  );
  const { connect, logIn } = connector({ DOCKER_CONFIG: '/nowhere' });
  const { registry } = server;
  logIn(registry, { username: 'ci', password: accepted });
  const client = await connect(registry, new AbortController().signal);
  const repository = known(parseRepository('a'));
  expect(await client.listTags(repository)).toEqual(['a']);
  accepted = 'second';
  logIn(registry, { username: 'ci', password: accepted });
  expect(await client.listTags(repository)).toEqual(['a']);
});

test('where others push, no request asks for the right to push, even at the registry of the stack', async () => {
  const server = await scriptedServer(({ url, headers: { host = '', authorization } }) => {
    if (url.startsWith('/token')) return { status: 200, body: '{"token":"any"}' };
    if (authorization !== undefined) return { status: 403 };
    const realm = `Bearer realm="http://${host}/token"`;
    return { status: 401, headers: { 'www-authenticate': realm } };
  });
  const { connect, mayMake } = connector({ DOCKER_CONFIG: '/nowhere' });
  const { registry } = server;
  mayMake(registry, 'now');
  const repository = known(parseRepository('a'));
  const isPushAsked = async (use?: 'reads') => {
    const client = await connect(registry, new AbortController().signal, use);
    await failureOf(client.listTags(repository));
    return server.asked.some(({ url }) => url.includes('push'));
  };
  expect(await isPushAsked('reads')).toBe(false);
  expect(await isPushAsked()).toBe(true);
});
