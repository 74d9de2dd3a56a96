import pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registryAccess } from '../../infra/components/registry-access.ts';
import { parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';
import { LOGIN, TOKEN, recordResources } from '../support/recording-mocks.ts';

const RESPOND = { 'pulumi:providers:oci': () => ({ id: 'oci', state: {} }) };
const PLACE = {
  registry: known(parseRegistry('registry.example')),
  destination: { kind: 'managed' },
} as const;
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
  await registryAccess(PLACE);
  const login = { registry: 'registry.example', username: 'oauth2accesstoken' };
  expect(logins).toEqual([{ ...login, password: TOKEN }]);
  for (const left of [1, 0]) {
    vi.advanceTimersByTime(5000);
    await expect.poll(() => tokens).toHaveLength(left);
  }
  await expect.poll(() => logins[1]).toEqual({ ...login, password: 'a newer one' });
  const registered = recorded.map(({ type, inputs }) => ({ type, inputs }));
  expect(registered).toEqual([{ type: 'pulumi:providers:oci', inputs: {} }]);
});

it('has a token that lives in every second of a run that takes longer than several tokens', async () => {
  const [life, early] = [97, 10];
  let [second, ends, asked, current] = [0, life, 0, ''];
  const calls = {
    ...LOGIN,
    // As Google's library for Go does: a new token once the last is about to end.
    [CLIENT_CONFIG]: () => {
      asked += 1;
      if (second > ends - early) ends = second + life;
      return { accessToken: String(ends) };
    },
    'oci:index:logIn': (inputs: unknown) => {
      current = (inputs as { readonly password: string }).password;
      return {};
    },
  };
  await recordResources(RESPOND, { calls });
  const started = vi.spyOn(globalThis, 'setInterval');
  await registryAccess(PLACE);
  const period = Number(started.mock.calls[0]?.[1]) / 1000;
  const ended: number[] = [];
  for (second = 1; second < 4.5 * life; second += 1) {
    const before = asked;
    vi.advanceTimersByTime(1000);
    const isRenewed = () => asked > before && current === String(ends);
    if (second % period === 0) await expect.poll(isRenewed, { interval: 1 }).toBe(true);
    if (second >= Number(current)) ended.push(second);
  }
  expect(ended).toEqual([]);
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
  const access = registryAccess(PLACE);
  await expect(access).rejects.toThrow(
    /no Google access token[^]*could not find default credentials[^]*gcloud auth/,
  );
  await expect(access).rejects.toSatisfy((error: Error) => pulumi.RunError.isInstance(error));
});

it('asks Google for nothing where the destination is plain: Docker has the login', async () => {
  const asked: unknown[] = [];
  const note = (inputs: unknown) => {
    asked.push(inputs);
    return {};
  };
  const recorded = await recordResources(RESPOND, { calls: { 'oci:index:mayMake': note } });
  const path = known(parseRepository('kubespray'));
  await registryAccess({
    ...PLACE,
    destination: { kind: 'plain', registry: PLACE.registry, path },
  });
  await pulumi.runtime.disconnect();
  expect(recorded.map(({ type }) => type)).toEqual(['pulumi:providers:oci']);
  expect(asked).toEqual([{ registry: 'registry.example', preview: false }]);
});
