import pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registryAccess } from '../../infra/components/registry-access.ts';
import { LOGIN, TOKEN, recordResources } from '../support/recording-mocks.ts';

const RESPOND = { 'pulumi:providers:oci': () => ({ id: 'oci', state: {} }) };
const CLIENT_CONFIG = 'gcp:organizations/getClientConfig:getClientConfig';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('logs the oci plug-in in as whoever runs the engine, and anew once there is a newer token', async () => {
  const logins: unknown[] = [];
  const tokens = [TOKEN, TOKEN, 'a newer one'];
  const calls = {
    ...LOGIN,
    [CLIENT_CONFIG]: () => ({ accessToken: tokens.shift() ?? '' }),
    'oci:index:logIn': (inputs: unknown) => {
      logins.push(inputs);
      return {};
    },
  };
  const recorded = await recordResources(RESPOND, { calls });
  await registryAccess('registry.example');
  const login = { registry: 'registry.example', username: 'oauth2accesstoken' };
  expect(logins).toEqual([{ ...login, password: TOKEN }]);
  for (const left of [1, 0]) {
    vi.advanceTimersByTime(60_000);
    await vi.waitUntil(() => tokens.length === left);
  }
  await vi.waitUntil(() => logins.length > 1);
  expect(logins[1]).toEqual({ ...login, password: 'a newer one' });
  const registered = recorded.map(({ type, inputs }) => ({ type, inputs }));
  expect(registered).toEqual([{ type: 'pulumi:providers:oci', inputs: {} }]);
});

it('says how to log in where there is no token', async () => {
  const calls = {
    ...LOGIN,
    [CLIENT_CONFIG]: () => {
      // As gRPC hands the plug-in's message on.
      const details = 'could not find default credentials';
      throw Object.assign(new Error(details), { details });
    },
  };
  await recordResources(RESPOND, { calls });
  const access = registryAccess('registry.example');
  await expect(access).rejects.toThrow(
    /no Google access token[^]*could not find default credentials[^]*gcloud auth/,
  );
  await expect(access).rejects.toSatisfy((error: Error) => pulumi.RunError.isInstance(error));
});
