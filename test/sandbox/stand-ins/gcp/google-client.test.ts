import { expect, onTestFinished, test, vi } from 'vitest';
import {
  googleClient,
  type GoogleRequest,
} from '../../../../infra/sandbox/stand-ins/gcp/google-client.ts';
import { parseSettings } from '../../../../infra/sandbox/stand-ins/gcp/settings.ts';

const TOKEN = 'ya29.very-secret';
const GOOD = '{"name": "it"}';
const REQUEST: GoogleRequest = {
  service: 'resourceManager',
  method: 'POST',
  path: 'projects/p/things/a b?#@c:go',
  query: { view: 'FULL' },
  body: { a: 1 },
  purpose: 'create the thing',
  permission: 'things.create',
};

/** Sends the request into a script, a response or a failure for each try; the last one for good. */
function send(script: readonly (Response | Error)[], signal = new AbortController().signal) {
  const sent: Request[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    sent.push(new Request(input, init));
    const line = script[Math.min(sent.length, script.length) - 1];
    return line instanceof Response
      ? Promise.resolve(line.clone())
      : Promise.reject(line ?? new Error());
  };
  const settings = parseSettings({ accessToken: TOKEN, requestTimeout: '90s' }, {});
  const wire = { fetch, sleep: () => Promise.resolve() };
  return { response: googleClient(settings, wire, signal)(REQUEST), sent };
}

const refused = (status: number, error: object) =>
  Response.json({ error: { code: status, ...error } }, { status });

test('a request is as Google expects it: JSON, the token as a header, every character of a name encoded', async () => {
  const { response, sent } = send([new Response(GOOD)]);
  expect(await response).toEqual({ name: 'it' });
  const [request] = sent;
  expect(request?.url).toBe(
    'https://cloudresourcemanager.googleapis.com/v1/projects/p/things/a%20b%3F%23@c:go?alt=json&view=FULL',
  );
  expect(await request?.text()).toBe('{"a":1}');
  expect(request?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
  expect(request?.headers.get('content-type')).toBe('application/json');
});

test('no content is an empty response', async () => {
  expect(await send([new Response(null, { status: 204 })]).response).toEqual({});
});

test.each([
  ['a 429', new Response('', { status: 429 })],
  ['more time than the settings allow', new DOMException('too long', 'TimeoutError')],
])('there is a retry after %s', async (_, first) => {
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  onTestFinished(() => {
    timeout.mockRestore();
  });
  const { response, sent } = send([first, new Response(GOOD)]);
  expect(await response).toEqual({ name: 'it' });
  expect(sent).toHaveLength(2);
  expect(timeout).toHaveBeenCalledWith(90_000);
});

test.each<[string, Response, RegExp]>([
  [
    'a missing permission',
    refused(403, { status: 'PERMISSION_DENIED', message: 'Permission denied.' }),
    /^could not create the thing: Google responded with 403 PERMISSION_DENIED \(Permission denied\.\); grant the account that runs this things\.create$/,
  ],
  ['an old token', refused(401, { message: 'expired' }), /401 \(expired\); the access token/],
  ['a problem', refused(400, { message: 'Invalid cron' }), /\(Invalid cron\); correct what/],
  ['no JSON', new Response('<html>\nnot here', { status: 404 }), /\(<html> \| not here\); check/],
  ['a redirect', new Response(null, { status: 302, headers: { Location: '/' } }), /with 302/],
  ['a good response that is no JSON', new Response('hello'), /is no JSON object/],
  ['a good response that is no object', new Response('[]'), /is no JSON object/],
  // The token is in no error, even where the response repeats it.
  ['a token', refused(403, { message: `Bearer ${TOKEN} may not` }), /\(Bearer \*\*\* may not\)/],
])('%s is an error with the purpose and a remedy', async (_, line, message) => {
  const { response, sent } = send([line]);
  await expect(response).rejects.toThrow(message);
  expect(sent).toHaveLength(1);
});

test('the address that does not respond is in the error', async () => {
  const message =
    /could not create the thing: .* \(5 tries at https:\/\/cloudresourcemanager\.googleapis\.com\)/;
  await expect(send([new TypeError('fetch failed')]).response).rejects.toThrow(message);
});

test('a run that was cancelled sends nothing', async () => {
  const { response, sent } = send([], AbortSignal.abort(new Error('cancelled')));
  await expect(response).rejects.toThrow('cancelled');
  expect(sent).toEqual([]);
});
