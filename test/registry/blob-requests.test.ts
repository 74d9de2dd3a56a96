import { describe, expect, test } from 'vitest';
import { clientOf, failureOf, registryWith, REPOSITORY, wantsLogin } from './client-of.ts';
import { scriptedServer, type Line } from './scripted-server.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { basicAuthorization } from '../../src/url.ts';

const BLOB = Buffer.from('{"a":1}');
const DIGEST = digestOf(BLOB);
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`;
const MISSING = { status: 404 };
const STORED = { status: 201 };
const at = (location: string) => ({ status: 202, headers: { location } });
const query = `digest=${encodeURIComponent(DIGEST)}`;

async function put(...script: [Line, ...Line[]]) {
  const { client, asked } = await registryWith(script);
  const digest = await client.putBlob(REPOSITORY, BLOB);
  expect(digest).toBe(DIGEST);
  return asked.map(({ method, url, body }) => [method, url, body].join(' ').trim());
}

const HEAD = `HEAD /v2/${REPOSITORY}/blobs/${DIGEST}`;

describe('a blob to write', () => {
  test('that the registry has is not sent', async () => {
    expect(await put({ status: 200 })).toEqual([HEAD]);
  });

  test.each([
    ['a path', '/up/1', `/up/1?${query}`],
    ['a path with a query, as it is', '/up/1?_state=a%2Fb+c~', `/up/1?_state=a%2Fb+c~&${query}`],
    ['a relative path', 'session-1', `${UPLOADS}session-1?${query}`],
    ['a fragment', '/up/1#x', `/up/1?${query}`],
  ])('goes where the registry says, by %s', async (_, location, url) => {
    const asked = await put(MISSING, at(location), STORED);
    expect(asked).toEqual([HEAD, `POST ${UPLOADS}`, `PUT ${url} ${BLOB.toString()}`]);
  });

  test('goes to another server without the account', async () => {
    const storage = await scriptedServer(STORED);
    const server = await scriptedServer(
      wantsLogin(({ method }) => (method === 'HEAD' ? MISSING : at(`${storage.origin}/up?sig=1`))),
    );
    const { client } = clientOf(server, { credentials: { username: 'u', password: 'secret' } });
    await client.putBlob(REPOSITORY, BLOB);
    expect(server.asked.at(-1)?.headers.authorization).toBe(basicAuthorization('u', 'secret'));
    expect(storage.asked).toMatchObject([{ method: 'PUT', url: `/up?sig=1&${query}` }]);
    expect(storage.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('is looked up again where a retry finds the upload gone', async () => {
    const asked = await put(MISSING, at('/up/1'), { status: 503 }, MISSING, { status: 200 });
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'POST', 'PUT', 'PUT', 'HEAD']);
  });

  test('is sent anew where a retry continues a part of it', async () => {
    const cut: Line = (_, response) => void response.destroy();
    const asked = await put(
      ...([MISSING, at('/up/1'), cut, { status: 400 }] satisfies Line[] as [Line, ...Line[]]),
      ...[MISSING, at('/up/2'), STORED],
    );
    expect(asked.at(-1)).toBe(`PUT /up/2?${query} ${BLOB.toString()}`);
  });

  test.each([
    ['a refusal', [MISSING, { status: 403 }], 'REGISTRY_DENIED'],
    ['a refusal of its bytes', [MISSING, at('/up'), { status: 413 }], 'REGISTRY_ANSWER'],
    ['no location', [MISSING, { status: 202 }], 'lost the upload'],
    ['a location that is no address', [MISSING, at('ftp://x/y')], 'lost the upload'],
    [
      'uploads that are lost each time',
      [MISSING, at('/up'), MISSING, MISSING, at('/up'), MISSING],
      'lost',
    ],
  ])('fails for %s', async (_, script, message) => {
    const { client } = await registryWith(script as [Line, ...Line[]]);
    const error = await failureOf(client.putBlob(REPOSITORY, BLOB));
    expect(error.message).toContain(message);
    expect(error.message).toContain(DIGEST);
  });
});
