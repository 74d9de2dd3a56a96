import { afterEach, expect, test, vi } from 'vitest';
import { googleAccessToken, loginRemedy } from '../../src/google/google-access-token.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { failureOf } from '../registry/client-of.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';
import { FEDERATED, IDENTITY, loggedInJob } from '../support/token-service.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const askLibrary = () => Promise.resolve(undefined);
const askGcloud = () => 'of gcloud';

test('the setting comes first, then the environment, then the library, then gcloud', async () => {
  const sources = {
    setting: 'of the stack',
    environment: { GOOGLE_OAUTH_ACCESS_TOKEN: 'of the environment' },
    askLibrary: () => Promise.resolve('of the library'),
    askGcloud,
  };
  expect(await googleAccessToken(sources)).toBe('of the stack');
  expect(await googleAccessToken({ ...sources, setting: undefined })).toBe('of the environment');
  const rest = { ...sources, setting: '', environment: {} };
  expect(await googleAccessToken(rest)).toBe('of the library');
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
    const environment = { [name]: key };
    const token = googleAccessToken({ setting: undefined, environment, askGcloud });
    const { message } = await failureOf(token);
    expect(message).toMatch(`REGISTRY_UNAUTHORIZED  ${name} names no file`);
    expect(message).not.toContain('the-private-key');
  },
);

/** A pipeline that is logged in as on a runner, but that the servers it asks are `script`. */
async function pipeline(...script: [Line, ...Line[]]) {
  const { origin, asked } = await scriptedServer(...script);
  // The library looks there by itself.
  const job = loggedInJob(origin, temporaryFolder());
  for (const [name, value] of Object.entries(job)) vi.stubEnv(name, value);
  const token = googleAccessToken({ setting: undefined, environment: {}, askGcloud });
  return { token, asked };
}

const json = (status: number, body: object): Line => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test("a pipeline's identity token is exchanged, and the account's token is what counts", async () => {
  const answer = { accessToken: 'ya29.account', expireTime: '2099-01-01T00:00:00Z' };
  const { token, asked } = await pipeline(json(200, FEDERATED), json(200, answer));
  expect(await token).toBe('ya29.account');
  const [exchange, impersonation] = asked;
  expect(exchange?.url).toBe('/v1/token');
  expect(new URLSearchParams(exchange?.body).get('subject_token')).toBe(IDENTITY);
  expect(impersonation?.url).toContain(
    'image-publisher@p.iam.gserviceaccount.com:generateAccessToken',
  );
  expect(impersonation?.headers.authorization).toBe('Bearer federated');
});

test('one that Google refuses is an error, without the token, and nobody else is asked', async () => {
  const no = { error: 'invalid_grant', error_description: 'the audience does not match' };
  const { token } = await pipeline(json(400, no));
  const { message } = await failureOf(token);
  expect(message).toMatch(/REGISTRY_UNAUTHORIZED.*the audience does not match.*provider/);
  expect(message).not.toContain(IDENTITY);
});

test('a token that the trust conditions reject is an error that names the way to the reason', async () => {
  const error_description = 'The given credential is rejected by the attribute condition.';
  const { token } = await pipeline(json(401, { error: 'unauthorized_client', error_description }));
  const { message } = await failureOf(token);
  expect(message).toMatch(/rejected by the attribute condition.*; .*`npm run -s images -- doctor`/);
});

test.each([
  ['The given credential is rejected by the attribute condition.', /doctor/],
  ['invalid_grant: Token has been expired or revoked.', /^the login has ended/],
  ['invalid_grant: Invalid JWT Signature.', /^check what GOOGLE_APPLICATION_CREDENTIALS names/],
  ["Permission 'iam.serviceAccounts.getAccessToken' denied on resource", /TokenCreator/],
  ['request to https://oauth2.googleapis.com/token failed, reason: getaddrinfo ENOTFOUND', /DNS/],
  ['unable to get local issuer certificate', /NODE_EXTRA_CA_CERTS/],
  ['GitHub gives no identity token: it answered 403', /id-token: write/],
  ["Error connecting to the given credential's issuer.", /gitlabKeys/],
  ['ID Token issued at 1 is stale to sign-in.', /run the job again$/],
  [
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
    /clock/,
  ],
  [
    'The audience in ID Token [a] does not match the expected audience b.',
    /the audience of the job/,
  ],
  ['The target service indicated by the "audience" parameters is invalid.', /output `identity`/],
  [
    'request to https://sts.googleapis.com failed, reason: connect ECONNREFUSED 1.2.3.4:443',
    /nothing listens/,
  ],
  ['Client network socket hang up', /run this again/],
  ['something else', /^check what GOOGLE_APPLICATION_CREDENTIALS names/],
])('a login that Google refuses with %j: %s', (message, remedy) => {
  expect(loginRemedy(message)).toMatch(remedy);
});
