import { describe, expect, test } from 'vitest';
import { askGoogle, REAL_WIRE } from '../../../../infra/sandbox/stand-ins/gcp/ask-google.ts';
import type { Question } from '../../../../infra/sandbox/stand-ins/gcp/question.ts';
import { parseSettings } from '../../../../infra/sandbox/stand-ins/gcp/settings.ts';
import { scriptedServer, type Line } from '../../../registry/scripted-server.ts';

const TOKEN = 'ya29.very-secret';
const GOOD = { status: 200, body: '{"name": "it"}' };
const QUESTION: Question = {
  service: 'iam',
  method: 'POST',
  path: 'projects/p/things/a b?#@c:go',
  query: { view: 'FULL' },
  body: { a: 1 },
  asked: 'create the thing',
  permission: 'things.create (roles/admin has it)',
};

async function ask(...script: [Line, ...Line[]]) {
  const server = await scriptedServer(...script);
  const iamBetaCustomEndpoint = `${server.origin}/v1/`;
  const settings = parseSettings({ accessToken: TOKEN, iamBetaCustomEndpoint }, {});
  const waits: number[] = [];
  const sleep = (milliseconds: number) => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  const wire = { ...REAL_WIRE, sleep, timeout: 1000 };
  const answer = askGoogle(settings, wire, new AbortController().signal)(QUESTION);
  return { answer, server, waits };
}

const refused = (status: number, error: object, headers = {}) => ({
  status,
  headers,
  body: JSON.stringify({ error: { code: status, ...error } }),
});

describe('askGoogle', () => {
  test('asks as Google wants it: JSON, the token as a header, every character of a name encoded', async () => {
    const { answer, server } = await ask(GOOD);
    expect(await answer).toEqual({ name: 'it' });
    const [asked] = server.asked;
    expect(asked?.url).toBe('/v1/projects/p/things/a%20b%3F%23@c:go?alt=json&view=FULL');
    expect(asked?.body).toBe('{"a":1}');
    expect(asked?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
    });
  });

  test('no content is an empty answer', async () => {
    const { answer } = await ask({ status: 204 });
    expect(await answer).toEqual({});
  });

  test.each([429, 500, 502, 503, 504])('%i is asked again', async (status) => {
    const { answer, server } = await ask({ status }, GOOD);
    expect(await answer).toEqual({ name: 'it' });
    expect(server.asked).toHaveLength(2);
  });

  test('Retry-After is waited for', async () => {
    const { answer, waits } = await ask(refused(429, {}, { 'Retry-After': '7' }), GOOD);
    await answer;
    expect(waits).toEqual([7000]);
  });

  test('asking ends: after five tries, or where Google wants too long a wait', async () => {
    const failing = await ask({ status: 503 });
    await expect(failing.answer).rejects.toThrow(/answered 503; run this again/);
    expect(failing.server.asked).toHaveLength(5);
    const limited = await ask(refused(429, {}, { 'Retry-After': '3600' }));
    await expect(limited.answer).rejects.toThrow(/answered 429; wait for the quota/);
    expect(limited.server.asked).toHaveLength(1);
  });

  test.each<[string, Line]>([
    ['cut off before', (_, response) => void response.destroy()],
    [
      'cut off in the middle',
      (_, response) => {
        response.writeHead(200, { 'Content-Length': '100' }).write('{"na');
        setTimeout(() => response.destroy(), 10);
        return undefined;
      },
    ],
    ['slow', () => undefined],
  ])('an answer that is %s is asked for again', async (_, line) => {
    const { answer, server } = await ask(line, GOOD);
    expect(await answer).toEqual({ name: 'it' });
    expect(server.asked).toHaveLength(2);
  });

  test('a patience that the settings have counts, not the plug-in’s own', async () => {
    const server = await scriptedServer(() => undefined, GOOD);
    const iamBetaCustomEndpoint = `${server.origin}/v1/`;
    const inputs = { accessToken: TOKEN, iamBetaCustomEndpoint, requestTimeout: '100ms' };
    const wire = { ...REAL_WIRE, sleep: () => Promise.resolve() };
    const ask = askGoogle(parseSettings(inputs, {}), wire, new AbortController().signal);
    expect(await ask(QUESTION)).toEqual({ name: 'it' });
  });

  test.each<[string, Line, RegExp]>([
    [
      'a missing permission',
      refused(403, { status: 'PERMISSION_DENIED', message: 'Permission denied.' }),
      /^could not create the thing: Google answered 403 PERMISSION_DENIED \(Permission denied\.\); grant the account that runs this things\.create \(roles\/admin has it\)$/,
    ],
    [
      'an API that is off',
      refused(403, { message: 'off', details: [{ reason: 'SERVICE_DISABLED' }] }),
      /gcloud services enable iam\.googleapis\.com/,
    ],
    ['an old token', refused(401, { message: 'expired' }), /401 \(expired\); the access token/],
    ['a mistake', refused(400, { message: 'Invalid cron' }), /\(Invalid cron\); correct what/],
    ['no JSON', { status: 404, body: '<html>\nnot here' }, /404 \(<html> not here\); check the pr/],
    ['a redirect', { status: 302, headers: { Location: 'http://127.0.0.1:1/' } }, /answered 302/],
    ['a good answer that is no JSON', { status: 200, body: 'hello' }, /something else than JSON/],
    ['a good answer that is no object', { status: 200, body: '[]' }, /something else than JSON/],
  ])('%s is an error with what was asked and a remedy', async (_, line, message) => {
    const { answer, server } = await ask(line);
    await expect(answer).rejects.toThrow(message);
    expect(server.asked).toHaveLength(1);
  });

  test('the token is in no message, even where the answer repeats it', async () => {
    const { answer } = await ask(refused(403, { message: `Bearer ${TOKEN} may not` }));
    const error = await answer.catch((failure: unknown) => String(failure));
    expect(error).toContain('Bearer *** may not');
    expect(error).not.toContain(TOKEN);
  });

  test('nobody there is an error that names the address', async () => {
    const { answer, server } = await ask((_, response) => void response.destroy());
    const message = new RegExp(`could not create the thing: .* \\(5 tries at ${server.origin}\\)`);
    await expect(answer).rejects.toThrow(message);
  });

  test('a run that was cancelled asks nothing', async () => {
    const settings = parseSettings({ accessToken: TOKEN }, {});
    const fetch = () => Promise.reject(new Error('asked all the same'));
    const signal = AbortSignal.abort(new Error('cancelled'));
    const answer = askGoogle(settings, { ...REAL_WIRE, fetch }, signal)(QUESTION);
    await expect(answer).rejects.toThrow('cancelled');
  });
});
