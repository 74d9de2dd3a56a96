import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fetchWithRetry } from '../../src/http/fetch-with-retry.ts';
import { httpFailure } from '../../src/http/http-failure.ts';
import { openDownload } from '../../src/http/open-download.ts';
import { NOWHERE } from '../support/fixtures.ts';

const OTHERWISE = 'whatever the caller says';

/** What a request and a download report of a URL. */
async function failuresOf(url: URL, timeout = 20_000) {
  const sleep = () => Promise.resolve();
  const mayRedirect = () => true;
  const sent = await fetchWithRetry({ url, largestBody: 9, mayRedirect }, { sleep, timeout });
  const opened = await openDownload(url, { idleTimeout: timeout }).then(
    () => undefined,
    (error: unknown) => httpFailure(error, 1),
  );
  return [sent, opened].map((failed) => {
    if (failed === undefined || !('failure' in failed)) throw new Error('there was a response');
    const { failure, reason, tries } = failed;
    return { failure, reason, tries, remedy: failed.remedy ?? OTHERWISE };
  });
}

/** A server that does this with each connection. */
async function listening(meet: (socket: Socket) => unknown): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    meet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const reply = (text: string) => (socket: Socket) => {
  socket.once('data', () => socket.end(text));
};

describe('a failure without a response has the remedy of its cause', () => {
  test.each<[string, string, RegExp, RegExp]>([
    ['a name that nobody knows', `https://nobody.${NOWHERE}/`, /ENOTFOUND nobody/, /name .* DNS/],
    ['a port where nothing listens', 'http://127.0.0.1:2/', /ECONNREFUSED/, /nothing listens/],
  ])('%s', async (_, url, reason, remedy) => {
    for (const failed of await failuresOf(new URL(url))) {
      expect(failed).toMatchObject({ failure: 'unreachable' });
      expect(failed.reason).toMatch(reason);
      expect(failed.remedy).toMatch(remedy);
    }
  });

  test.each<[string, 'http' | 'https', string, RegExp, RegExp]>([
    [
      'plain http at a port of TLS',
      'https',
      'HTTP/1.1 400 Bad\r\n\r\n',
      /^wrong version number$/,
      /plain http/,
    ],
    [
      'something else than http',
      'http',
      'SSH-2.0-OpenSSH_9.6\r\n',
      /Expected HTTP/,
      /not speak http/,
    ],
  ])('%s', async (_, protocol, text, reason, remedy) => {
    const address = await listening(reply(text));
    for (const failed of await failuresOf(new URL(`${protocol}://${address}/`))) {
      expect(failed).toMatchObject({ failure: 'unreachable' });
      expect(failed.reason).toMatch(reason);
      expect(failed.remedy).toMatch(remedy);
    }
  });

  test.each([
    ['an end of the connection', (socket: Socket) => socket.end()],
    ['no word', () => undefined],
  ])('%s, of which only the caller knows more', async (_, meet) => {
    const address = await listening(meet);
    for (const { remedy } of await failuresOf(new URL(`http://${address}/`), 200)) {
      expect(remedy).toBe(OTHERWISE);
    }
  });
});

/** An error as Node has it. */
const nodeError = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN a.test', /DNS .* no answer/],
  ['ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:443', /firewall/],
  ['UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error', /firewall/],
  ['EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:443', /firewall/],
  ['ENETUNREACH', 'connect ENETUNREACH 10.0.0.1:443', /firewall/],
  ['', 'bad port', /another port/],
  [
    'EPROTO',
    'write EPROTO 40:error:0A00042E:SSL routines:f:tlsv1 alert protocol version:a.c:9:SSL alert number 70\n',
    /TLS 1\.2/,
  ],
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    '40:error:0A00045C:SSL routines:f:tlsv13 alert certificate required:a.c:9:SSL alert number 116\n',
    /client certificate/,
  ],
  ['CERT_HAS_EXPIRED', 'certificate has expired', /^check this machine's clock.*new certificate$/],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid', /^check this machine's clock/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Host: a. is not in the cert's altnames", /^write the name/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', /NODE_EXTRA_CA/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer', /NODE_EXTRA_CA_CERTS/],
])('%s, %j: %s', (code, message, remedy) => {
  const thrown = new TypeError('fetch failed', { cause: nodeError(code, message) });
  const failed = httpFailure(thrown, 1);
  expect(failed.reason).not.toMatch(/\n|error:0A/);
  expect(failed.remedy ?? OTHERWISE).toMatch(remedy);
});
