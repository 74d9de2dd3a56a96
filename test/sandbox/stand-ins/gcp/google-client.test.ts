import { expect, test } from 'vitest';
import {
  googleClient,
  REAL_WIRE,
  type GoogleRequest,
} from '../../../../infra/sandbox/stand-ins/gcp/google-client.ts';
import { parseSettings } from '../../../../infra/sandbox/stand-ins/gcp/settings.ts';
import { scriptedServer, type Line } from '../../../registry/scripted-server.ts';

const TOKEN = 'ya29.very-secret';
const GOOD = { status: 200, body: '{"name": "it"}' };
const REQUEST: GoogleRequest = {
  service: 'resourceManager',
  method: 'POST',
  path: 'projects/p/things/a b?#@c:go',
  query: { view: 'FULL' },
  body: { a: 1 },
  purpose: 'create the thing',
  permission: 'things.create (roles/admin has it)',
};

async function send(script: readonly [Line, ...Line[]], requestTimeout = '1m') {
  const server = await scriptedServer(...script);
  const resourceManagerCustomEndpoint = `${server.origin}/v1/`;
  const inputs = { accessToken: TOKEN, resourceManagerCustomEndpoint, requestTimeout };
  const wire = { ...REAL_WIRE, sleep: () => Promise.resolve() };
  const client = googleClient(parseSettings(inputs, {}), wire, new AbortController().signal);
  return { response: client(REQUEST), server };
}

const refused = (status: number, error: object) => ({
  status,
  body: JSON.stringify({ error: { code: status, ...error } }),
});

test('a request is as Google expects it: JSON, the token as a header, every character of a name encoded', async () => {
  const { response, server } = await send([GOOD]);
  expect(await response).toEqual({ name: 'it' });
  const [request] = server.asked;
  expect(request?.url).toBe('/v1/projects/p/things/a%20b%3F%23@c:go?alt=json&view=FULL');
  expect(request?.body).toBe('{"a":1}');
  expect(request?.headers).toMatchObject({
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
  });
});

test('no content is an empty response', async () => {
  const { response } = await send([{ status: 204 }]);
  expect(await response).toEqual({});
});

test('there is a retry after a 429, and after more time than the settings allow', async () => {
  const limited = await send([{ status: 429 }, GOOD]);
  expect(await limited.response).toEqual({ name: 'it' });
  const slow = await send([() => undefined, GOOD], '100ms');
  expect(await slow.response).toEqual({ name: 'it' });
});

test.each<[string, Line, RegExp]>([
  [
    'a missing permission',
    refused(403, { status: 'PERMISSION_DENIED', message: 'Permission denied.' }),
    /^could not create the thing: Google responded with 403 PERMISSION_DENIED \(Permission denied\.\); grant the account that runs this things\.create \(roles\/admin has it\)$/,
  ],
  [
    'an API that is off',
    refused(403, { message: 'off', details: [{ reason: 'SERVICE_DISABLED' }] }),
    /gcloud services enable cloudresourcemanager\.googleapis\.com/,
  ],
  ['an old token', refused(401, { message: 'expired' }), /401 \(expired\); the access token/],
  ['a problem', refused(400, { message: 'Invalid cron' }), /\(Invalid cron\); correct what/],
  ['no JSON', { status: 404, body: '<html>\nnot here' }, /\(<html> \| not here\); check the pr/],
  ['a redirect', { status: 302, headers: { Location: 'http://127.0.0.1:1/' } }, /with 302/],
  ['a good response that is no JSON', { status: 200, body: 'hello' }, /is no JSON object/],
  ['a good response that is no object', { status: 200, body: '[]' }, /is no JSON object/],
])('%s is an error with the purpose and a remedy', async (_, line, message) => {
  const { response, server } = await send([line]);
  await expect(response).rejects.toThrow(message);
  expect(server.asked).toHaveLength(1);
});

test('the token is in no error, even where the response repeats it', async () => {
  const { response } = await send([refused(403, { message: `Bearer ${TOKEN} may not` })]);
  const error = await response.catch((failure: unknown) => String(failure));
  expect(error).toContain('Bearer *** may not');
  expect(error).not.toContain(TOKEN);
});

test('the address that does not respond is in the error', async () => {
  const { response, server } = await send([(_, socket) => void socket.destroy()]);
  const message = new RegExp(`could not create the thing: .* \\(5 tries at ${server.origin}\\)`);
  await expect(response).rejects.toThrow(message);
});

test('a run that was cancelled sends nothing', async () => {
  const settings = parseSettings({ accessToken: TOKEN }, {});
  const fetch = () => Promise.reject(new Error('sent all the same'));
  const signal = AbortSignal.abort(new Error('cancelled'));
  const response = googleClient(settings, { ...REAL_WIRE, fetch }, signal)(REQUEST);
  await expect(response).rejects.toThrow('cancelled');
});
