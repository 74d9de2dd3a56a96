import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connector } from '../../infra/oci/connect.ts';
import { parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { basicAuthorization } from '../../src/url.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
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
