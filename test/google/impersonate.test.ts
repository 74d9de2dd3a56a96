import { expect, test } from 'vitest';
import { impersonate } from '../../src/google/impersonate.ts';
import { failureOf } from '../registry/client-of.ts';
import { scriptedServer, type Line } from '../registry/scripted-server.ts';

const PUSHER = 'image-pusher@my-project.iam.gserviceaccount.com';

async function become(...script: [Line, ...Line[]]) {
  const { origin, asked } = await scriptedServer(...script);
  const token = impersonate(PUSHER, 'of the deployer', { accounts: `${origin}/accounts/` });
  return { token, asked };
}

test('the token of an account is got by the right of whoever is logged in', async () => {
  const { token, asked } = await become({ status: 200, body: '{"accessToken":"of the pusher"}' });
  expect(await token).toBe('of the pusher');
  expect(asked).toMatchObject([
    {
      method: 'POST',
      url: `/accounts/${PUSHER}:generateAccessToken`,
      headers: { authorization: 'Bearer of the deployer' },
      body: '{"scope":["https://www.googleapis.com/auth/cloud-platform"]}',
    },
  ]);
});

const error = (message: string) => JSON.stringify({ error: { message } });

test.each<[Line, RegExp]>([
  [
    { status: 403, body: error("Permission 'iam.serviceAccounts.getAccessToken' denied") },
    /^REGISTRY_DENIED {2}could not become image-pusher@.*getAccessToken.*serviceAccountTokenCreator/,
  ],
  [{ status: 404, body: error('Not found') }, /^REGISTRY_ANSWER .*image-pusher@.*Not found/],
  [{ status: 200, body: '{}' }, /^REGISTRY_ANSWER .*gave no token/],
])('an answer without one, %o, is an error that says who lacks what', async (line, message) => {
  const failure = await failureOf((await become(line)).token);
  expect(failure.message).toMatch(message);
  expect(failure.message).not.toContain('of the deployer');
});
