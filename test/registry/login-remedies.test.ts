import { afterEach, expect, test, vi } from 'vitest';
import type { Credentials } from '../../src/registry/credentials.ts';
import { BYTES, DIGEST, failureOf, FOUND, registryWith, REPOSITORY, TAG } from './client-of.ts';
import type { Line, Reply } from './scripted-server.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const ACCOUNT = { username: 'ci', password: 'open sesame' };
const IDENTITY = { identityToken: 'id-t0ken' };
const says = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });
const REQUIRED = says('UNAUTHORIZED', 'authentication required');

/** A registry that demands a token and refuses it with 401, as Docker Hub does where there is no such repository. */
function tokenRegistry(token: Reply): Line {
  return ({ url, headers: { host = '' } }) => {
    if (url.startsWith('/token')) return token;
    const challenge = `Bearer realm="http://${host}/token",error="insufficient_scope"`;
    return { status: 401, headers: { 'www-authenticate': challenge }, body: REQUIRED };
  };
}

const demands = (challenge?: string, status = 401): Reply => ({
  status,
  headers: challenge === undefined ? {} : { 'www-authenticate': challenge },
  body: REQUIRED,
});

const TOKEN = { status: 200, body: '{"token":"tok3n"}' };
const WRONG = { status: 401, body: says('UNAUTHORIZED', 'incorrect username or password') };
const DENIED = { status: 403, body: says('DENIED', 'denied') };

const LOG_IN = /^log in with `gcloud auth configure-docker` or `docker login`$/;
const HIDDEN =
  /^the repository is not there, or needs a login: check its name, or log in with `gcloud auth configure-docker` or `docker login`$/;
const NOT_ALLOWED =
  /^the repository is not there, or this account may not have it: check its name, or grant/;
const LOG_IN_ANEW = /^the registry does not accept this account: log in with .* anew$/;

test.each<[string, Line, Credentials | undefined, RegExp]>([
  ['a token for nobody, refused', tokenRegistry(TOKEN), undefined, HIDDEN],
  ['a token for the account, refused', tokenRegistry(TOKEN), ACCOUNT, NOT_ALLOWED],
  ['no token for nobody', tokenRegistry(WRONG), undefined, HIDDEN],
  ['no token for the account', tokenRegistry(WRONG), ACCOUNT, LOG_IN_ANEW],
  [
    'no token for an identity token',
    tokenRegistry({ ...WRONG, status: 400 }),
    IDENTITY,
    LOG_IN_ANEW,
  ],
  ['a token denied to nobody', tokenRegistry(DENIED), undefined, HIDDEN],
  ['a token denied to the account', tokenRegistry(DENIED), ACCOUNT, NOT_ALLOWED],
  ['Basic, without an account', demands('Basic realm="x"'), undefined, LOG_IN],
  ['Basic, with another account', demands('Basic realm="x"'), ACCOUNT, LOG_IN_ANEW],
  [
    'Basic, with an identity token',
    demands('Basic realm="x"'),
    IDENTITY,
    /user name and a password/,
  ],
  ['another scheme', demands('Negotiate'), ACCOUNT, /by negotiate.*Basic or Bearer/],
  ['no scheme at all', demands(), ACCOUNT, /does not say how.*operator/],
  ['403 for nobody', demands(undefined, 403), undefined, HIDDEN],
  ['403 for the account', demands(undefined, 403), ACCOUNT, NOT_ALLOWED],
])('%s', async (_, line, credentials, remedy) => {
  const { get } = await registryWith(line, { credentials });
  const { problem, remedy: found } = await failureOf(get());
  expect(found).toMatch(remedy);
  expect(problem).toMatch(/\((?:UNAUTHORIZED|DENIED): /);
});

test.each([
  ['hush', 'it is not JSON'],
  ['{"auths":{},"credHelpers":{}}', 'it must have auths, and nothing else'],
  ['{"auths":{"HOST":{"auth":"hush"}}}', 'the auth of HOST is not user:password in base64'],
  ['{"auths":{"HOST":{"identitytoken":"hush"}}}', 'HOST must have auth, and nothing else'],
  ['{"auths":{"https://HOST/v2/":{"auth":"dTpw"}}}', 'it has https://HOST/v2/ in place of HOST'],
])('DOCKER_AUTH_CONFIG=%s, which Docker does not take', async (text, reason) => {
  const { get, registry } = await registryWith(demands('Basic realm="x"'));
  vi.stubEnv('DOCKER_AUTH_CONFIG', text.replace('HOST', registry));
  const { remedy } = await failureOf(get());
  expect(remedy).toBe(
    `correct DOCKER_AUTH_CONFIG, which Docker passes over: ${reason.replaceAll('HOST', registry)}`,
  );
});

test.each([
  'Negotiate YIIabc/d+e==, Basic realm="x"',
  'NTLM, Basic realm="x"',
  'Bearer, Basic realm="x"',
  'Digest realm="a, b", nonce="c=", Basic realm=x',
])('of the challenges %s, the one that can be answered is', async (challenge) => {
  const answer: Line = ({ headers: { authorization = '' } }) =>
    authorization.startsWith('Basic ') ? FOUND : demands(challenge);
  const { get } = await registryWith(answer, { credentials: ACCOUNT });
  expect((await get())?.digest).toBe(DIGEST);
});

test.each<[string, Line]>([
  ['after a login', tokenRegistry(TOKEN)],
  ['without a challenge', demands()],
])('a HEAD that is answered 401 %s is followed by a GET', async (_, head) => {
  const { client, asked } = await registryWith((request, response) => {
    if (request.method === 'GET' && request.url.startsWith('/v2/')) return FOUND;
    return typeof head === 'function' ? head(request, response) : head;
  });
  expect(await client.headManifest(REPOSITORY, TAG)).toMatchObject({ size: BYTES.byteLength });
  expect(asked.at(-1)?.method).toBe('GET');
});
