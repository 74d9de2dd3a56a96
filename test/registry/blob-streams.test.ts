import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { clientOf, failureOf, registryWith, REPOSITORY, wantsLogin } from './client-of.ts';
import { scriptedServer, type Line, type Reply } from './scripted-server.ts';
import { parseRepository } from '../../src/image-reference.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { basicAuthorization } from '../../src/url.ts';
import { known } from '../support/fixtures.ts';

const BYTES = Buffer.from('a disk of gigabytes');
const BLOB = { digest: digestOf(BYTES), size: BYTES.byteLength };
const OTHER = known(parseRepository('ci/other'));
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`;
const PLACE = `/v2/${REPOSITORY}/blobs/${BLOB.digest}`;
const query = `digest=${encodeURIComponent(BLOB.digest)}`;
const MISSING = { status: 404 };
const STORED = { status: 201 };
const at = (location: string) => ({ status: 202, headers: { location } });
const cut: Line = (_, response) => void response.destroy();

/** Copies the blob into a registry with these lines. */
async function copy(script: [Line, ...Line[]], bytes = BYTES, mount?: typeof OTHER) {
  const { client, asked } = await registryWith(script);
  let opened = 0;
  const open = () => {
    opened += 1;
    return Promise.resolve(Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]));
  };
  const done = client.copyBlob(REPOSITORY, BLOB, { mount, open });
  const result = await done.then(
    () => undefined,
    (error: unknown) => String(error),
  );
  const lines = asked.map(({ method, url, body }) => [method, url, body].join(' ').trim());
  return { lines, result, opened, asked };
}

describe('a large blob to write', () => {
  test('that the registry has is not read', async () => {
    expect(await copy([{ status: 200 }])).toMatchObject({ lines: [`HEAD ${PLACE}`], opened: 0 });
  });

  test('is sent with its size, to where the registry says', async () => {
    const { lines, asked, result } = await copy([MISSING, at('/up/1?_state=a'), STORED]);
    expect(lines).toEqual([
      `HEAD ${PLACE}`,
      `POST ${UPLOADS}`,
      `PUT /up/1?_state=a&${query} ${BYTES.toString()}`,
    ]);
    expect(asked.at(-1)?.headers).toMatchObject({ 'content-length': String(BLOB.size) });
    expect(result).toBeUndefined();
  });

  test('is mounted where the registry has it in another repository', async () => {
    const { lines, opened } = await copy([MISSING, STORED], BYTES, OTHER);
    expect(lines[1]).toBe(
      `POST ${UPLOADS}?mount=${encodeURIComponent(BLOB.digest)}&from=${encodeURIComponent(OTHER)}`,
    );
    expect(opened).toBe(0);
  });

  test('is sent where the registry does not mount it', async () => {
    const { lines, opened } = await copy([MISSING, at('/up/1'), STORED], BYTES, OTHER);
    expect(lines.at(-1)).toMatch(/^PUT \/up\/1/);
    expect(opened).toBe(1);
  });

  test.each<[string, Line]>([
    ['is unavailable', { status: 503 }],
    ['has forgotten the upload', MISSING],
    ['cuts the connection', cut],
  ])('is read and sent again where the registry %s', async (_, fault) => {
    const script: [Line, ...Line[]] = [MISSING, at('/up/1'), fault, MISSING, at('/up/2'), STORED];
    expect(await copy(script)).toMatchObject({ result: undefined, opened: 2 });
  });

  test('is not sent again where the registry has it after all', async () => {
    const { opened, result } = await copy([MISSING, at('/up/1'), { status: 504 }, { status: 200 }]);
    expect([opened, result]).toEqual([1, undefined]);
  });

  test('is an error where the registry refuses it', async () => {
    const body = '{"errors":[{"code":"DENIED","message":"no"}]}';
    const { result, opened } = await copy([MISSING, at('/up/1'), { status: 403, body }]);
    expect(result).toMatch(/REGISTRY_DENIED.*could not write the blob .*403 \(DENIED: no\)/);
    expect(opened).toBe(1);
  });

  test.each(['too short', 'a disk of gigabytes, and more'])('has its size: %s', async (text) => {
    const lines: Readonly<Record<string, Reply>> = {
      HEAD: MISSING,
      POST: at('/up/1'),
      PUT: STORED,
    };
    const { result, asked } = await copy([({ method }) => lines[method]], Buffer.from(text));
    expect(result).toContain(`what was to be sent has not the ${BLOB.size} bytes`);
    expect(asked.some(({ method }) => method === 'PUT')).toBe(false);
  });

  test('whose bytes are others than its digest says is to be pushed again at its source', async () => {
    const body = '{"errors":[{"code":"DIGEST_INVALID"}]}';
    const { result } = await copy([MISSING, at('/up/1'), { status: 400, body }]);
    expect(result).toMatch(/could not write the blob .*DIGEST_INVALID.*pushed again where it is/);
  });

  test('is named where its source breaks off, and is read again', async () => {
    const server = await scriptedServer(({ method }) =>
      method === 'HEAD' ? MISSING : method === 'POST' ? at('/up/1') : STORED,
    );
    const { client, waits } = clientOf(server);
    const open = () => {
      const pieces = [BYTES.subarray(0, 5), Promise.reject(new Error('reset by peer'))];
      return Promise.resolve(Readable.from(pieces));
    };
    const { message } = await failureOf(
      client.copyBlob(REPOSITORY, BLOB, { mount: undefined, open }),
    );
    expect(message).toMatch(
      /REGISTRY_UNREACHABLE.*could not write .*broke off: reset by peer \(5 tries/,
    );
    expect(waits).toHaveLength(4);
  });

  test('goes to another server without the account', async () => {
    const storage = await scriptedServer(STORED);
    const server = await scriptedServer(
      wantsLogin(({ method }) => (method === 'HEAD' ? MISSING : at(`${storage.origin}/up?sig=1`))),
    );
    const { client } = clientOf(server, { credentials: { username: 'u', password: 'secret' } });
    const open = () => Promise.resolve(Readable.from([BYTES]));
    await client.copyBlob(REPOSITORY, BLOB, { mount: undefined, open });
    expect(storage.asked).toMatchObject([{ method: 'PUT', body: BYTES.toString() }]);
    expect(storage.asked[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a large blob to read', () => {
  const found = { status: 200, body: BYTES };

  test('comes with a login, from where the registry leads to', async () => {
    const storage = await scriptedServer(found);
    const away = { status: 307, headers: { location: `${storage.origin}/x` } };
    const server = await scriptedServer(
      wantsLogin(({ method }) => (method === 'HEAD' ? { status: 200 } : away)),
    );
    const { client } = clientOf(server, { credentials: { username: 'u', password: 'secret' } });
    expect(await buffer(await client.openBlob(REPOSITORY, BLOB))).toEqual(BYTES);
    expect(server.asked.at(-1)?.headers.authorization).toBe(basicAuthorization('u', 'secret'));
    expect(storage.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('is an error where it is gone, or has another size', async () => {
    const gone = await registryWith(MISSING);
    expect(await failureOf(gone.client.openBlob(REPOSITORY, BLOB))).toMatchObject({
      message: expect.stringMatching(/could not read the blob .*404/) as string,
    });
    const other = await registryWith({
      status: 200,
      headers: { 'content-length': '1' },
      body: 'x',
    });
    expect(await failureOf(other.client.openBlob(REPOSITORY, BLOB))).toMatchObject({
      message: expect.stringContaining('another size') as string,
    });
  });
});
