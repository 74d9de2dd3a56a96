import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../src/registry/authorization.ts';
import { basicAuthorization } from '../../src/url.ts';
import type { AuthorizationCache } from '../../src/registry/registry-session.ts';
import { BYTES, clientOf, DIGEST, failureOf, FOUND, REPOSITORY, TAG } from './client-of.ts';
import { scriptedServer, type Asked, type Line, type Reply } from './scripted-server.ts';

const ACCOUNT = { username: 'ci', password: 'open sesame' };

/** A registry that wants `token`, and gives it to whoever asks its realm as `mayHave` says. */
function tokenRegistry(mayHave: (request: Asked) => boolean, answer?: Reply): Line {
  return (request) => {
    const host = request.headers.host ?? '';
    if (request.url.startsWith('/token')) {
      if (!mayHave(request)) return { status: 401, body: request.headers.authorization ?? '' };
      return answer ?? { status: 200, body: '{"access_token":"tok3n","expires_in":60}' };
    }
    if (request.headers.authorization === 'Bearer tok3n') {
      return request.method === 'PUT' ? { status: 201 } : FOUND;
    }
    const challenge = `Bearer realm="http://${host}/token",service="test",scope="repository:${REPOSITORY}:pull"`;
    return { status: 401, headers: { 'www-authenticate': challenge } };
  };
}

describe('a Bearer challenge', () => {
  test('is answered by an anonymous token where there are no credentials', async () => {
    const server = await scriptedServer(tokenRegistry(({ headers }) => !headers.authorization));
    const found = await clientOf(server).client.headManifest(REPOSITORY, TAG);
    expect(found?.digest).toBe(DIGEST);
    expect(server.asked[1]?.url).toBe(
      `/token?service=test&scope=${encodeURIComponent(`repository:${REPOSITORY}:pull`)}`,
    );
  });

  test('is answered by a token for the account, with the password shown to the realm only', async () => {
    const basic = basicAuthorization('ci', 'open sesame');
    const server = await scriptedServer(
      tokenRegistry(({ headers }) => headers.authorization === basic),
    );
    const { client } = clientOf(server, { credentials: ACCOUNT });
    await expect(client.headManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      basic,
      'Bearer tok3n',
    ]);
  });

  test('is answered by an identity token in the body of a POST', async () => {
    const server = await scriptedServer(tokenRegistry(({ method }) => method === 'POST'));
    const { client } = clientOf(server, { credentials: { identityToken: 'id-t0ken' } });
    await client.headManifest(REPOSITORY, TAG);
    const form = new URLSearchParams(server.asked[1]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'id-t0ken',
      service: 'test',
    });
  });

  test('is answered once for each scope, however many requests there are', async () => {
    const server = await scriptedServer(tokenRegistry(() => true));
    const { client } = clientOf(server);
    await Promise.all(Array.from({ length: 8 }, () => client.getManifest(REPOSITORY, DIGEST)));
    await client.getManifest(REPOSITORY, DIGEST);
    await client.putManifest(REPOSITORY, TAG, { mediaType: 'a/b', bytes: BYTES });
    expect(server.asked.filter(({ url }) => url.startsWith('/token'))).toHaveLength(2);
  });

  test('is answered anew when a token of before is no longer taken', async () => {
    const server = await scriptedServer(tokenRegistry(() => true));
    const outdated = Promise.resolve('Bearer yesterday');
    const authorizations: AuthorizationCache = new Map([
      [`repository:${REPOSITORY}:pull`, outdated],
    ]);
    const { client } = clientOf(server, { authorizations });
    await expect(client.getManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
    expect(server.asked[0]?.headers.authorization).toBe('Bearer yesterday');
  });

  test.each([
    'http://elsewhere.example/token',
    'ftp://127.0.0.1/token',
    'https://user@elsewhere.example/',
    '/token',
    '',
  ])('that names the realm %j gets nothing', async (realm) => {
    const headers = { 'www-authenticate': `Bearer realm="${realm}",service="x"` };
    const server = await scriptedServer({ status: 401, headers });
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(input instanceof URL ? input.host : 'not a URL');
      return globalThis.fetch(input, init);
    };
    const { client } = clientOf(server, { credentials: ACCOUNT, fetch });
    const failure = await failureOf(client.headManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_UNSAFE');
    expect(asked).toEqual([server.registry]);
  });

  test('whose realm redirects elsewhere takes no credentials there', async () => {
    const elsewhere = await scriptedServer({ status: 200, body: '{"token":"x"}' });
    const away = { status: 307, headers: { location: elsewhere.origin } };
    const server = await scriptedServer(tokenRegistry(() => true, away));
    const { client } = clientOf(server, { credentials: { identityToken: 'id-t0ken' } });
    await failureOf(client.headManifest(REPOSITORY, TAG));
    expect(elsewhere.asked).toEqual([]);
  });

  test.each(['{}', 'tok3n', '{"token":"two\\nlines"}'])(
    'whose realm answers %s is an error',
    async (body) => {
      const server = await scriptedServer(tokenRegistry(() => true, { status: 200, body }));
      const failure = await failureOf(clientOf(server).client.headManifest(REPOSITORY, TAG));
      expect(failure).toMatchObject({ code: 'REGISTRY_ANSWER' });
      expect(failure.message).toContain('without a token');
    },
  );
});

describe('a Basic challenge', () => {
  const challenge = { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };
  const basicRegistry: Line = ({ headers }) =>
    headers.authorization === basicAuthorization('ci', 'open sesame') ? FOUND : challenge;

  test('is answered by user name and password', async () => {
    const server = await scriptedServer(basicRegistry);
    const { client } = clientOf(server, { credentials: ACCOUNT });
    await expect(client.getManifest(REPOSITORY, TAG)).resolves.toMatchObject({ digest: DIGEST });
  });

  test.each([
    { rule: 'no account', credentials: undefined },
    { rule: 'a wrong password', credentials: { username: 'ci', password: 'guess' } },
  ])('is an error with $rule', async ({ credentials }) => {
    const server = await scriptedServer(basicRegistry);
    const { client } = clientOf(server, { credentials });
    const failure = await failureOf(client.getManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_UNAUTHORIZED');
  });
});

describe('credentials', () => {
  const basic = basicAuthorization('ci', 'open sesame');

  test('are not in a message, even where the registry repeats them', async () => {
    const echo: Line = ({ headers }) => ({
      status: headers.authorization === undefined ? 401 : 403,
      headers: { 'www-authenticate': 'Basic' },
      body: `you sent ${headers.authorization ?? ''}, which is open sesame`,
    });
    const server = await scriptedServer(echo);
    const { client } = clientOf(server, { credentials: ACCOUNT });
    const failure = await failureOf(client.getManifest(REPOSITORY, TAG));
    expect(failure.message).toContain('you sent Basic ***, which is ***');
  });

  test('are not in a message about a realm that refuses them', async () => {
    const server = await scriptedServer(tokenRegistry(() => false));
    const { client } = clientOf(server, { credentials: ACCOUNT });
    const failure = await failureOf(client.getManifest(REPOSITORY, TAG));
    expect(failure.code).toBe('REGISTRY_UNAUTHORIZED');
    expect(failure.message).not.toContain(basic.slice('Basic '.length));
  });

  test('are not in a message when a token of another client is repeated', async () => {
    const server = await scriptedServer(({ headers }) => ({
      status: 403,
      body: headers.authorization ?? '',
    }));
    const authorizations: AuthorizationCache = new Map([
      [`repository:${REPOSITORY}:pull`, Promise.resolve('Bearer shared')],
    ]);
    const { client } = clientOf(server, { authorizations });
    const failure = await failureOf(client.getManifest(REPOSITORY, TAG));
    expect(failure.message).toContain('(Bearer ***)');
  });

  test('do not follow a redirect to another host', async () => {
    const storage = await scriptedServer({ status: 200, body: BYTES });
    const server = await scriptedServer(({ headers }): Reply =>
      headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Basic' } }
        : { status: 307, headers: { location: `${storage.origin}/blob` } },
    );
    const { client } = clientOf(server, { credentials: ACCOUNT });
    await client.getBlob(REPOSITORY, DIGEST);
    expect(server.asked.at(-1)?.headers.authorization).toBe(basic);
    expect(storage.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('parseChallenges', () => {
  test.each([
    { header: '', expected: [] },
    { header: 'Basic', expected: [{ scheme: 'basic', parameters: {} }] },
    {
      header: 'Bearer Realm="https://a/t",service=x',
      expected: [{ scheme: 'bearer', parameters: { realm: 'https://a/t', service: 'x' } }],
    },
    {
      header: 'Basic realm="a, b=\\"c\\"", Bearer realm="https://a/t",scope="x:y:pull,push"',
      expected: [
        { scheme: 'basic', parameters: { realm: 'a, b="c"' } },
        { scheme: 'bearer', parameters: { realm: 'https://a/t', scope: 'x:y:pull,push' } },
      ],
    },
  ])('reads $header', ({ header, expected }) => {
    expect(parseChallenges(header)).toEqual(expected);
  });
});
