import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isReachable } from '../../infra/toolchain/probe.ts';
import { digestOfDownload } from '../../infra/toolchain/unpack-archive.ts';
import { parseRegistry, parseRepository, parseTag } from '../../src/image-reference.ts';
import { fetchWithRetry } from '../../src/http/fetch-with-retry.ts';
import { httpFailure } from '../../src/http/http-failure.ts';
import { openDownload } from '../../src/http/open-download.ts';
import { useProxies } from '../../src/http/proxies.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { known, NOWHERE, rejection } from '../support/fixtures.ts';
import { startProxy } from '../support/proxy.ts';

/** The proxies of the machine that the tests run on. */
const OWN = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);

beforeEach(() => {
  for (const name of OWN) vi.stubEnv(name, '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  useProxies(new URL('http://a.invalid/'), {});
});

const progress = { note: () => undefined, at: () => undefined, count: () => undefined };

describe('a host that the proxy alone knows', () => {
  test.each<[string, (url: string) => Promise<unknown>, unknown]>([
    [
      'a request of the client',
      async (url) => {
        const response = await fetchWithRetry({ url: new URL(url), largestBody: 10 });
        return 'failure' in response ? response : response.bytes.toString();
      },
      'hello',
    ],
    [
      'a download',
      async (url) => text(await openDownload(new URL(url), { idleTimeout: 5000 })),
      'hello',
    ],
    [
      'a download of the toolchain',
      (url) => digestOfDownload(url, progress, join(temporaryFolder(), 'a')),
      'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    ],
    ['a probe of the toolchain', isReachable, true],
  ])('is reached by %s', async (_, send, expected) => {
    const { origin } = await scriptedServer({ status: 200, body: 'hello' });
    const proxy = await startProxy({ target: origin });
    for (const [name, value] of [
      ['HTTP_PROXY', `http://${proxy.address}`],
      ['http_proxy', proxy.address],
    ] as const) {
      vi.stubEnv(name, value);
      expect(await send('http://known-to-the-proxy.invalid/a')).toEqual(expected);
      vi.stubEnv(name, '');
    }
    expect(proxy.asked.join()).toContain('known-to-the-proxy.invalid');
  });
});

test('requests by TLS go through the proxy of HTTPS_PROXY, with the account in it', async () => {
  const proxy = await startProxy({ status: 502 });
  vi.stubEnv('HTTPS_PROXY', `http://us%40er:pass@${proxy.address}`);
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
  expect(await isReachable('https://known-to-the-proxy.invalid/')).toBe(false);
  await rejection(
    openDownload(new URL('https://known-to-the-proxy.invalid/'), { idleTimeout: 5000 }),
    Error,
  );
  const account = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
  const asked = `CONNECT known-to-the-proxy.invalid:443 ${account}`;
  expect(proxy.asked).toEqual([asked, asked]);
});

describe('a proxy that does not do', () => {
  const url = new URL('https://known-to-the-proxy.invalid/a');
  const sleep = () => Promise.resolve();
  const send = {
    request: () => fetchWithRetry({ url, largestBody: 10 }, { sleep }),
    download: async () => {
      try {
        return await openDownload(url, { idleTimeout: 5000 });
      } catch (error) {
        return httpFailure(error, 1);
      }
    },
  };
  const noAnswer = expect.stringMatching(/^the proxy gives no answer: /) as unknown;
  const shape = 'HTTPS_PROXY is not the http:// address of a proxy';
  test.each([
    { refusal: 407, failure: 'proxy', reason: 'the proxy responded 407', remedy: /account/ },
    {
      refusal: 403,
      failure: 'proxy',
      reason: 'the proxy responded 403',
      remedy: /^have the proxy/,
    },
    {
      refusal: 503,
      failure: 'unreachable',
      reason: 'the proxy responded 503',
      remedy: /^the proxy does not reach the host/,
    },
    { address: 'socks5://u:hush@host:1', failure: 'proxy', reason: shape, remedy: /^write it as/ },
    { address: 'http://u:hu sh@host:1x', failure: 'proxy', reason: shape, remedy: /^write it as/ },
    { address: 'http://u:hush#@host:1', failure: 'proxy', reason: shape, remedy: /^write it as/ },
    {
      address: '127.0.0.1:2',
      failure: 'unreachable',
      reason: noAnswer,
      remedy: /^check the address/,
    },
    {
      address: `http://u:hush@p.${NOWHERE}`,
      failure: 'unreachable',
      reason: noAnswer,
      remedy: /^check the address/,
    },
  ])('is the reason: $reason, $address', async ({ refusal, address, remedy, ...expected }) => {
    const proxy = await startProxy({ status: refusal });
    vi.stubEnv('HTTPS_PROXY', address ?? `http://user:hush@${proxy.address}`);
    for (const way of ['request', 'download'] as const) {
      const failed = await send[way]();
      if (!('failure' in failed)) throw new Error('there was a response');
      expect(failed).toMatchObject(expected);
      expect(String(failed.cause) + JSON.stringify(failed)).not.toContain('hush');
      expect(failed.remedy ?? 'run again').toMatch(remedy);
    }
  });

  test('is no reason for a host that is reached without it', async () => {
    const { origin } = await scriptedServer({ status: 200, body: 'hello' });
    vi.stubEnv('HTTP_PROXY', 'socks5://proxy.invalid:1');
    const response = await fetchWithRetry({ url: new URL(origin), largestBody: 10 });
    expect(response).toMatchObject({ status: 200 });
    vi.stubEnv('HTTP_PROXY', 'http://proxy.invalid:1');
    const refused = new URL('http://127.0.0.1:2/');
    const failed = await fetchWithRetry({ url: refused, largestBody: 10 }, { sleep });
    expect(failed).toMatchObject({
      reason: expect.stringMatching(/^connect ECONNREFUSED/) as unknown,
    });
  });

  test('is the reason for a request and a download by plain http, too', async () => {
    const proxy = await startProxy({ status: 407 });
    vi.stubEnv('HTTP_PROXY', proxy.address);
    const sent = fetchWithRetry({ url: new URL('http://a.invalid/'), largestBody: 10 });
    expect(await sent).toMatchObject({ failure: 'proxy', reason: 'the proxy responded 407' });
    const failed = openDownload(new URL('http://a.invalid/'), { idleTimeout: 5000 });
    expect((await rejection(failed, Error)).message).toBe('the proxy responded 407');
  });

  test('has its own remedy in the error of a registry', async () => {
    const proxy = await startProxy({ status: 407 });
    vi.stubEnv('HTTPS_PROXY', proxy.address);
    const registry = known(parseRegistry('registry.invalid'));
    const client = registryClient({ registry, credentials: undefined, sleep });
    const asked = client.headManifest(known(parseRepository('a')), known(parseTag('b')));
    const { message } = await rejection(asked, Error);
    expect(message).toMatch(/the proxy responded 407 \(1 try.*write the account of the proxy/);
  });
});

describe('what is reached without the proxy', () => {
  test.each([
    [
      'example.invalid',
      ['example.invalid', 'a.example.invalid'],
      ['notexample.invalid', 'other.invalid'],
    ],
    ['.example.invalid', ['a.example.invalid'], ['notexample.invalid']],
    ['*.example.invalid', ['a.example.invalid'], ['notexample.invalid']],
    ['a.invalid, example.invalid b.invalid', ['example.invalid', 'b.invalid'], ['other.invalid']],
    ['*', ['example.invalid'], []],
    ['', ['127.0.0.1', '127.0.0.2', 'localhost', '[::1]'], ['example.invalid']],
    ['EXAMPLE.invalid', ['example.INVALID'], ['other.invalid']],
    ['example.invalid:2', ['example.invalid', 'a.example.invalid'], ['other.invalid']],
    ['example.invalid:3', [], ['example.invalid']],
    ['192.0.2.7, 192.0.2.8:3', ['192.0.2.7'], ['192.0.2.8', '192.0.2.70']],
    ['192.0.2.0/25,0.0.0.0/33', ['192.0.2.1'], ['192.0.2.128']],
    ['fd00:0::1,[fd00::2]:2,fd01::/16', ['[fd00::1]', '[fd00::2]', '[fd01::9]'], ['[fd00::3]']],
    ['2.0.invalid', ['a.2.0.invalid'], ['192.0.2.0']],
  ])('NO_PROXY=%s', async (list, ...hosts) => {
    const nowhere = (text: string) => text.replaceAll(/invalid/gi, NOWHERE);
    const [direct = [], proxied = []] = hosts.map((each) => each.map(nowhere));
    const proxy = await startProxy({ status: 403 });
    vi.stubEnv('HTTP_PROXY', proxy.address);
    vi.stubEnv('NO_PROXY', nowhere(list));
    for (const host of [...direct, ...proxied]) {
      const before = proxy.asked.length;
      // Port 2: without the proxy, nobody responds.
      const url = new URL(`http://${host}:2/`);
      const timeout = proxied.includes(host) ? 20_000 : 300;
      const signal = AbortSignal.timeout(timeout);
      await fetchWithRetry({ url, largestBody: 1 }, { mostTries: 1, timeout });
      await openDownload(url, { idleTimeout: timeout, signal }).catch(() => undefined);
      expect([host, proxy.asked.length - before]).toEqual([host, proxied.includes(host) ? 2 : 0]);
    }
  });

  test('lower case comes before upper case, and an empty variable counts as none', async () => {
    const [upper, lower] = [await startProxy({ status: 403 }), await startProxy({ status: 403 })];
    const url = new URL('http://example.invalid/');
    const send = () => fetchWithRetry({ url, largestBody: 1 }, { mostTries: 1 });
    vi.stubEnv('HTTP_PROXY', upper.address);
    await send();
    vi.stubEnv('http_proxy', lower.address);
    await send();
    expect([upper.asked.length, lower.asked.length]).toEqual([1, 1]);
  });
});
