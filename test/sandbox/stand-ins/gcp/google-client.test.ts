import { expect, onTestFinished, test, vi } from 'vitest';
import {
  workOf,
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
};

/** Sends the request into a script, a response or a failure for each try, for a minute; the last one for good. */
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
  return { response: workOf(settings, wire, signal, 60).send(REQUEST), sent };
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

test.each([429, 500, 502, 503])(
  '%d is an error once the time of the operation is over',
  async (status) => {
    const { response, sent } = send([refused(status, { message: 'no' })]);
    await expect(response).rejects.toThrow(`could not create the thing: Error ${status}: no`);
    // After 0.5, 1, 2, 4, 8, and then each 10 seconds.
    expect(sent).toHaveLength(10);
  },
);

test.each<[string, Response | Error, RegExp]>([
  [
    'a missing permission',
    refused(403, { status: 'PERMISSION_DENIED', message: 'Permission denied.' }),
    /^could not create the thing: Error 403: Permission denied\.$/,
  ],
  ['one that there is', refused(409, { message: 'exists' }), /: Error 409: exists$/],
  ['no JSON', new Response('<html>\nnot here', { status: 404 }), /Error 404: <html> \| not here$/],
  ['a redirect', new Response(null, { status: 302, headers: { Location: '/' } }), /Error 302$/],
  ['a good response that is no JSON', new Response('hello'), /is no JSON object/],
  ['a good response that is no object', new Response('[]'), /is no JSON object/],
  // The token is in no error, even where the response repeats it.
  ['a token', refused(403, { message: `Bearer ${TOKEN} may not` }), /: Bearer \*\*\* may not$/],
  [
    'no connection',
    new TypeError('fetch failed'),
    /POST "https:\/\/cloudresourcemanager\.googleapis\.com\/.*": fetch failed$/,
  ],
])(
  '%s is an error at once, in as few words as the official plug-in has',
  async (_, line, message) => {
    const { response, sent } = send([line]);
    await expect(response).rejects.toThrow(message);
    expect(sent).toHaveLength(1);
  },
);

test('a run that was cancelled sends nothing', async () => {
  const { response, sent } = send([], AbortSignal.abort(new Error('cancelled')));
  await expect(response).rejects.toThrow('cancelled');
  expect(sent).toEqual([]);
});
