import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connector } from '../../infra/oci/connect.ts';
import { parseRegistry } from '../../src/image-reference.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
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
