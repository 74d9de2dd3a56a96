import { describe, expect, test, vi } from 'vitest';
import { parseChallenges } from '../../src/registry/challenges.ts';
import { HiddenRepositoryError, RegistryError } from '../../src/registry/registry-error.ts';
import type { SessionOptions } from '../../src/registry/registry-session.ts';
import { basicAuthorization } from '../../src/url.ts';
import {
  BYTES,
  clientOf,
  DIGEST,
  failureOf,
  FOUND,
  registryWith,
  REPOSITORY,
  TAG,
} from './client-of.ts';
import { scriptedServer, type Asked, type Line, type Reply } from './scripted-server.ts';

const credentials = { username: 'ci', password: 'open sesame' };
const basic = basicAuthorization('ci', 'open sesame');
const SCOPE = `repository:${REPOSITORY}:pull`;

/** A registry that wants `token`, and gives it to whoever asks its realm as `mayHave` says. */
function tokenRegistry(mayHave: (request: Asked) => boolean = () => true, answer?: Reply): Line {
  return (request) => {
    const { host = '', authorization } = request.headers;
    if (request.url.startsWith('/token')) {
      if (!mayHave(request)) return { status: 401, body: authorization ?? '' };
      return answer ?? { status: 200, body: '{"access_token":"tok3n","expires_in":60}' };
    }
    if (authorization === 'Bearer tok3n') return request.method === 'PUT' ? { status: 201 } : FOUND;
    const challenge = `Bearer realm="http://${host}/token",service="test",scope="${SCOPE}"`;
    return { status: 401, headers: { 'www-authenticate': challenge } };
  };
}

describe('a Bearer challenge', () => {
  test('is answered by an anonymous token where there are no credentials', async () => {
    const { asked, get } = await registryWith(tokenRegistry((one) => !one.headers.authorization));
    expect((await get())?.digest).toBe(DIGEST);
    expect(asked[1]?.url).toBe(`/token?service=test&scope=${encodeURIComponent(SCOPE)}`);
  });

  test('is answered by a token for the account, with the password shown to the realm only', async () => {
    const line = tokenRegistry(({ headers }) => headers.authorization === basic);
    const { asked, get } = await registryWith(line, { credentials });
    expect((await get())?.digest).toBe(DIGEST);
    const shown = asked.map(({ headers }) => headers.authorization);
    expect(shown).toEqual([undefined, basic, 'Bearer tok3n']);
  });

  test('is answered by an identity token in the body of a POST', async () => {
    const login = { credentials: { identityToken: 'id-t0ken' } };
    const { asked, get } = await registryWith(
      tokenRegistry(({ method }) => method === 'POST'),
      login,
    );
    await get();
    const form = new URLSearchParams(asked[1]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'id-t0ken',
      service: 'test',
    });
  });

  test('is answered once for each scope, however many requests there are', async () => {
    const { asked, client } = await registryWith(tokenRegistry());
    await Promise.all(Array.from({ length: 8 }, () => client.getManifest(REPOSITORY, DIGEST)));
    await client.getManifest(REPOSITORY, DIGEST);
    await client.putManifest(REPOSITORY, TAG, { mediaType: 'a/b', bytes: BYTES });
    expect(asked.filter(({ url }) => url.startsWith('/token'))).toHaveLength(2);
  });

  test('is answered anew when a token of before is no longer taken', async () => {
    const authorizations = new Map([[SCOPE, Promise.resolve('Bearer yesterday')]]);
    const { asked, get } = await registryWith(tokenRegistry(), { authorizations });
    expect((await get())?.digest).toBe(DIGEST);
    expect(asked[0]?.headers.authorization).toBe('Bearer yesterday');
  });

  test.each([
    'http://elsewhere.example/token',
    'ftp://127.0.0.1/token',
    'https://user@elsewhere.example/',
    'https://elsewhere.example/token',
    '/token',
    '',
  ])('that names the realm %j gets nothing', async (realm) => {
    const asked: unknown[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(input instanceof URL && input.host);
      return globalThis.fetch(input, init);
    };
    const headers = { 'www-authenticate': `Bearer realm="${realm}",service="x"` };
    const { get, registry } = await registryWith({ status: 401, headers }, { credentials, fetch });
    expect((await failureOf(get())).code).toBe('REGISTRY_UNSAFE');
    expect(asked).toEqual([registry]);
  });

  describe('that names the realm of another server', () => {
    const isCi = ({ headers }: Asked) => headers.authorization === basic;
    /** A registry and a token service, each a server of its own. */
    const apart = async () => {
      const service = await scriptedServer(tokenRegistry(isCi));
      const challenge = `Bearer realm="${service.origin}/token",service="x"`;
      const registry = await scriptedServer(({ headers: { authorization } }) =>
        authorization === 'Bearer tok3n'
          ? FOUND
          : { status: 401, headers: { 'www-authenticate': challenge } },
      );
      const get = (options: Partial<SessionOptions> = {}) =>
        clientOf(registry, { credentials, ...options }).client.getManifest(REPOSITORY, TAG);
      const line = `${registry.registry}=${service.origin}/token`;
      return { get, line, service };
    };

    test('is not answered with the account, and the error has the line that would allow it', async () => {
      const { get, line, service } = await apart();
      const failure = await failureOf(get());
      expect(failure.code).toBe('REGISTRY_UNSAFE');
      expect(failure.remedy).toContain(`set IMAGES_TOKEN_SERVICES=${line}`);
      expect(service.asked).toEqual([]);
    });

    test('is answered with the account where the environment has this line', async () => {
      const { get, line } = await apart();
      vi.stubEnv('IMAGES_TOKEN_SERVICES', line);
      expect((await get())?.digest).toBe(DIGEST);
    });

    test('is answered without an account where there is none', async () => {
      const { get, service } = await apart();
      await failureOf(get({ credentials: undefined }));
      expect(service.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    });
  });

  test('whose realm redirects elsewhere takes no credentials there', async () => {
    const elsewhere = await scriptedServer({ status: 200, body: '{"token":"x"}' });
    const away = { status: 307, headers: { location: elsewhere.origin } };
    const login = { credentials: { identityToken: 'id-t0ken' } };
    const { get } = await registryWith(
      tokenRegistry(() => true, away),
      login,
    );
    await failureOf(get());
    expect(elsewhere.asked).toEqual([]);
  });

  test.each(['{}', 'tok3n', '{"token":"two\\nlines"}'])(
    'whose realm answers %s is an error',
    async (body) => {
      const { get } = await registryWith(tokenRegistry(() => true, { status: 200, body }));
      expect((await failureOf(get())).message).toMatch(/^REGISTRY_ANSWER .* has no token/);
    },
  );
});

const CHALLENGE = { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };

test.each([
  ['user name and password', credentials, DIGEST],
  ['no account', undefined, 'REGISTRY_UNAUTHORIZED'],
  ['a wrong password', { username: 'ci', password: 'guess' }, 'REGISTRY_UNAUTHORIZED'],
])('a Basic challenge, with %s', async (_, account, expected) => {
  const { get } = await registryWith(
    ({ headers }) => (headers.authorization === basic ? FOUND : CHALLENGE),
    { credentials: account },
  );
  const result = get().then(
    (manifest) => manifest?.digest,
    (error: unknown) => (error instanceof RegistryError ? error.code : error),
  );
  expect(await result).toBe(expected);
});

const echo: Line = ({ headers: { authorization } }) =>
  authorization === undefined
    ? CHALLENGE
    : { status: 403, body: `you sent ${authorization}, which is open sesame` };

describe('credentials', () => {
  const authorizations = new Map([[SCOPE, Promise.resolve('Bearer shared')]]);
  test.each<[string, Line, Partial<SessionOptions>, RegExp]>([
    ['the registry repeats', echo, { credentials }, /you sent Basic \*\*\*, which is \*\*\*/],
    ['a realm repeats', tokenRegistry(() => false), { credentials }, / 401 \(Basic \*\*\*\)/],
    ['of another client the registry repeats', echo, { authorizations }, /you sent Bearer \*\*\*/],
    [
      'a registry knows that asks for none',
      { status: 403, body: 'no open sesame' },
      { credentials },
      /no \*\*\*/,
    ],
  ])('that %s are not in a message', async (_, line, options, message) => {
    const { get } = await registryWith(line, options);
    expect((await failureOf(get())).message).toMatch(message);
  });

  test.each(['Basic realm="x"', 'Bearer realm="ORIGIN/token",service="x"'])(
    'do not answer the challenge %s of a server that the registry redirects to',
    async (challenge) => {
      const storage = await scriptedServer(({ headers }) => ({
        status: 401,
        headers: {
          'www-authenticate': challenge.replace('ORIGIN', `http://${headers.host ?? ''}`),
        },
        body: headers.authorization ?? '',
      }));
      const away = { status: 307, headers: { location: `${storage.origin}/blob` } };
      const { asked, client } = await registryWith(away, { credentials });
      const failure = await failureOf(client.getBlob(REPOSITORY, DIGEST));
      expect(failure.message).toContain(`${storage.origin}, where the registry redirects to,`);
      const sent = [...asked, ...storage.asked];
      expect(sent.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    },
  );
});

test.each([
  ['', []],
  ['Basic', [{ scheme: 'basic', parameters: {} }]],
  [
    'Bearer Realm="https://a/t",service=x',
    [{ scheme: 'bearer', parameters: { realm: 'https://a/t', service: 'x' } }],
  ],
  [
    'Basic realm="a, b=\\"c\\"", Bearer realm="https://a/t",scope="x:y:pull,push"',
    [
      { scheme: 'basic', parameters: { realm: 'a, b="c"' } },
      { scheme: 'bearer', parameters: { realm: 'https://a/t', scope: 'x:y:pull,push' } },
    ],
  ],
])('the challenges of the header %s are read', (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected);
});

test.each([
  '{"token":"tok3n","access_token":"","expires_in":1800}',
  '{"token":"tok3n","access_token":null}',
  '{"token":"","access_token":"tok3n"}',
  '{"token":null,"access_token":"tok3n"}',
])('a token response may have one of its names without a value: %s', async (body) => {
  const { get } = await registryWith(tokenRegistry(() => true, { status: 200, body }));
  expect((await get())?.digest).toBe(DIGEST);
});

test('a token service that is not there is for the operator to correct', async () => {
  const { get } = await registryWith(tokenRegistry(() => true, { status: 404 }));
  expect((await failureOf(get())).remedy).toMatch(/correct its token service$/);
});

describe('a registry that refuses to read a repository that is not there', () => {
  const PUSHING = `repository:${REPOSITORY}:pull,push`;

  /** Gives a token without a right to whoever may not push, and says 404 to whoever may. */
  const hiding =
    (mayPush: boolean): Line =>
    (request) => {
      const { host = '', authorization } = request.headers;
      const url = new URL(request.url, 'http://registry.test');
      if (url.pathname === '/token') {
        const isPush = url.searchParams.get('scope') === PUSHING;
        return { status: 200, body: `{"token":"${isPush && mayPush ? 'push' : 'nothing'}"}` };
      }
      if (authorization === 'Bearer push') return { status: 404 };
      const challenge = `Bearer realm="http://${host}/token",service="test",scope="${SCOPE}"`;
      return { status: 401, headers: { 'www-authenticate': challenge } };
    };

  test('says that it is not there to a run that may make it', async () => {
    const { get, client } = await registryWith(hiding(true), { credentials, mayMake: 'now' });
    expect(await get()).toBeUndefined();
    expect(await client.headManifest(REPOSITORY, TAG)).toBeUndefined();
    expect(await client.listTags(REPOSITORY)).toBeUndefined();
  });

  test.each([
    ['a command, which asks for no right to push', true, undefined],
    ['an account that may not push', false, 'now'],
  ] as const)('is no answer to %s', async (_, mayPush, mayMake) => {
    const { asked, get } = await registryWith(hiding(mayPush), { credentials, mayMake });
    const failure = await failureOf(get());
    expect(failure.code).toBe('REGISTRY_UNAUTHORIZED');
    expect(failure.message).toContain('the repository is not there, or');
    expect(failure).not.toBeInstanceOf(HiddenRepositoryError);
    expect(asked.some(({ url }) => url.includes('push'))).toBe(mayMake === 'now');
  });

  describe('in a preview, which asks for no right to push', () => {
    const previewed = async (line: Line, login: Partial<SessionOptions> = { credentials }) => {
      const { asked, get, client } = await registryWith(line, { ...login, mayMake: 'later' });
      const failures = [
        await failureOf(get()),
        await failureOf(client.headManifest(REPOSITORY, TAG)),
      ];
      expect(asked.some(({ url }) => url.includes('push'))).toBe(false);
      const isHidden = failures.map((failure) => failure instanceof HiddenRepositoryError);
      expect(isHidden[0]).toBe(isHidden[1]);
      return { isHidden: isHidden[0], code: failures[0]?.code };
    };
    const denied: Line = () => ({ status: 403, body: '{"errors":[{"code":"DENIED"}]}' });

    test.each<[string, Line, string]>([
      ['the registry wants another token', hiding(true), 'REGISTRY_UNAUTHORIZED'],
      ['the registry denies it', denied, 'REGISTRY_DENIED'],
      [
        'the token service gives no token for it',
        tokenRegistry(() => true, { status: 403 }),
        'REGISTRY_DENIED',
      ],
    ])('hides it from an account that it accepts: %s', async (_, line, code) => {
      expect(await previewed(line)).toEqual({ isHidden: true, code });
    });

    const basicOnly: Line = () => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="r"' },
    });

    test.each<[string, Line, Partial<SessionOptions>]>([
      ['a password that the token service refuses', tokenRegistry(() => false), { credentials }],
      ['a password that the registry refuses', basicOnly, { credentials }],
      ['nobody, who has to log in', hiding(true), {}],
      ['an account at a registry that is broken', () => ({ status: 400 }), { credentials }],
    ])('hides nothing from %s', async (_, line, login) => {
      expect(await previewed(line, login)).toMatchObject({ isHidden: false });
    });
  });
});
