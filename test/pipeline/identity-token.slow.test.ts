import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PROGRAMS } from '../../infra/pipeline/prepare-environment.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

const PROVIDER = 'projects/123/locations/global/workloadIdentityPools/ci/providers/github';

/** What Google's libraries get from the program on GitHub, whose server answers with `line`. */
async function onGithub(line: Line) {
  const { origin, asked } = await scriptedServer(line);
  const env = {
    ...process.env,
    GOOGLE_ID_TOKEN: '',
    GOOGLE_WORKLOAD_IDENTITY_PROVIDER: PROVIDER,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
  };
  const program = join(PROGRAMS, 'ci-images-identity-token');
  const { stdout } = await promisify(execFile)(program, { env });
  return { response: JSON.parse(stdout) as unknown, asked };
}

test("GitHub's token is requested when it is needed, for the provider's audience", async () => {
  const { response, asked } = await onGithub({ status: 200, body: '{"value":"eyJ.tok.en"}' });
  expect(response).toEqual({
    version: 1,
    success: true,
    token_type: 'urn:ietf:params:oauth:token-type:jwt',
    id_token: 'eyJ.tok.en',
  });
  const [{ url, headers } = { url: '', headers: {} }] = asked;
  const { searchParams } = new URL(url, 'http://github');
  expect(searchParams.get('audience')).toBe(`https://iam.googleapis.com/${PROVIDER}`);
  expect(searchParams.get('api-version')).toBe('2');
  expect(headers.authorization).toBe('Bearer bearer');
});

test.each<[Line]>([[{ status: 403, body: 'no: bearer' }], [{ status: 200, body: '{}' }]])(
  'an answer without one, %o, is an error without a secret',
  async (line) => {
    const { response } = await onGithub(line);
    expect(response).toMatchObject({ success: false, code: 'NO_IDENTITY_TOKEN' });
    expect(JSON.stringify(response)).toContain('GitHub gives no identity token');
    expect(JSON.stringify(response)).not.toContain('bearer');
  },
);
