import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { googleCredentials } from '../../infra/pipeline/prepare-environment.ts';
import { googleAccessToken } from '../../src/google/google-access-token.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

const askLibrary = () => Promise.resolve(undefined);
const askGcloud = () => 'of gcloud';
const IDENTITY = 'eyJ.the-identity.token';

test('the setting comes first, then the environment, then the library, then gcloud', async () => {
  const environment = { GOOGLE_OAUTH_ACCESS_TOKEN: 'of the environment' };
  const sources = { environment, askLibrary, askGcloud };
  expect(await googleAccessToken({ ...sources, setting: 'of the stack' })).toBe('of the stack');
  expect(await googleAccessToken({ ...sources, setting: undefined })).toBe('of the environment');
  const rest = { setting: '', environment: {}, askGcloud };
  const ofLibrary = () => Promise.resolve('of the library');
  expect(await googleAccessToken({ ...rest, askLibrary: ofLibrary })).toBe('of the library');
  expect(await googleAccessToken({ ...rest, askLibrary })).toBe('of gcloud');
});

test('without any, the error says how to log in, here and in a pipeline', async () => {
  const none = { setting: undefined, environment: {}, askLibrary, askGcloud: () => undefined };
  await expect(googleAccessToken(none)).rejects.toThrow(
    /REGISTRY_UNAUTHORIZED.*application-default login.*pipeline an identity/,
  );
});

test.each(['GOOGLE_APPLICATION_CREDENTIALS', 'google_application_credentials'])(
  'the key itself in %s is refused and not shown',
  async (name) => {
    const key = '{"type": "service_account", "private_key": "the-private-key"}';
    vi.stubEnv(name, key);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const token = googleAccessToken({
      setting: undefined,
      environment: { [name]: key },
      askGcloud,
    });
    const failure: unknown = await token.catch((error: unknown) => error);
    expect(String(failure)).toMatch(`REGISTRY_UNAUTHORIZED  ${name} names no file`);
    expect(String(failure)).not.toContain('the-private-key');
  },
);

/** A pipeline that is logged in as on a runner, but that the servers it asks are `script`. */
async function pipeline(...script: [Line, ...Line[]]) {
  const { origin, asked } = await scriptedServer(...script);
  const folder = temporaryFolder();
  const files = googleCredentials(
    {
      GOOGLE_WORKLOAD_IDENTITY_PROVIDER:
        'projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab',
      GOOGLE_SERVICE_ACCOUNT: 'image-previewer@p.iam.gserviceaccount.com',
      GOOGLE_ID_TOKEN: IDENTITY,
    },
    folder,
  );
  if (files === undefined) throw new Error('no credentials');
  const keyFile = join(folder, 'credentials.json');
  const here = files['credentials.json'].replaceAll(
    /https:\/\/(?:sts|iamcredentials)[^/]*/g,
    origin,
  );
  writeFileSync(keyFile, here);
  writeFileSync(join(folder, 'token'), files.token);
  // The library looks there by itself.
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', keyFile);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const token = googleAccessToken({ setting: undefined, environment: {}, askGcloud });
  return { token, asked };
}

const json = (status: number, body: object): Line => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const EXCHANGED = json(200, {
  access_token: 'federated',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3600,
});

test("a pipeline's identity token is exchanged, and the account's token is what counts", async () => {
  const impersonated = json(200, {
    accessToken: 'ya29.account',
    expireTime: '2099-01-01T00:00:00Z',
  });
  const { token, asked } = await pipeline(EXCHANGED, impersonated);
  expect(await token).toBe('ya29.account');
  const [exchange, impersonation] = asked;
  expect(exchange?.url).toBe('/v1/token');
  expect(new URLSearchParams(exchange?.body).get('subject_token')).toBe(IDENTITY);
  expect(impersonation?.url).toContain(
    'image-previewer@p.iam.gserviceaccount.com:generateAccessToken',
  );
  expect(impersonation?.headers.authorization).toBe('Bearer federated');
});

test('one that Google refuses is an error, without the token, and nobody else is asked', async () => {
  const no = json(400, {
    error: 'invalid_grant',
    error_description: 'the audience does not match',
  });
  const { token } = await pipeline(no);
  const failure: unknown = await token.catch((error: unknown) => error);
  expect(String(failure)).toMatch(/REGISTRY_UNAUTHORIZED.*the audience does not match.*provider/);
  expect(String(failure)).not.toContain(IDENTITY);
});
