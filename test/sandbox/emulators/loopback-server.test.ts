import { once } from 'node:events';
import { request as send, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startLoopbackServer } from '../../../infra/sandbox/emulators/loopback-server.ts';

test.each<[string, Record<string, string>, number]>([
  ['its address', { host: '127.0.0.1:PORT' }, 200],
  ['its address by the name of this machine', { host: 'localhost:PORT' }, 200],
  [
    'the name of another host, which a web page may have pointed here',
    { host: 'evil.test:PORT' },
    403,
  ],
  ['another port', { host: '127.0.0.1:1' }, 403],
  ['no port', { host: '127.0.0.1' }, 403],
  ['a web page of another origin', { host: '127.0.0.1:PORT', origin: 'https://evil.test' }, 403],
  [
    'a web page of its own origin',
    { host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:PORT' },
    403,
  ],
  ['a web page without one', { host: '127.0.0.1:PORT', origin: 'null' }, 403],
])('a request of %s, %j: %i', async (_, headers, status) => {
  const heard: string[] = [];
  const server = await startLoopbackServer(0, (request, response) => {
    heard.push(request.url ?? '');
    response.end();
  });
  onTestFinished(() => server.close());
  const port = server.address.split(':')[1] ?? '';
  const asked = send(`http://${server.address}/a`, { method: 'POST' });
  for (const [name, value] of Object.entries(headers)) {
    asked.setHeader(name, value.replace('PORT', port));
  }
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(status);
  expect(heard).toEqual(status === 200 ? ['/a'] : []);
});
