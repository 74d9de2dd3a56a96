import pulumi from '@pulumi/pulumi';
import { expect, it } from 'vitest';
import { registryAccess } from '../../infra/components/registry-access.ts';
import { LOGIN, TOKEN, recordResources, valueOf } from '../support/recording-mocks.ts';

const RESPOND = { 'pulumi:providers:oci': () => ({ id: 'oci', state: {} }) };
const CLIENT_CONFIG = 'gcp:organizations/getClientConfig:getClientConfig';

it('logs in and pushes with the token of whoever runs the engine, which no state has in the clear', async () => {
  const logins: unknown[] = [];
  const logIn = (inputs: unknown) => {
    logins.push(inputs);
    return {};
  };
  const calls = { ...LOGIN, 'oci:index:logIn': logIn };
  const recorded = await recordResources(RESPOND, { calls });
  const { push } = await registryAccess('registry.example');
  expect(logins).toEqual([
    { registry: 'registry.example', username: 'oauth2accesstoken', password: TOKEN },
  ]);
  const registered = recorded.map(({ type, inputs }) => ({ type, inputs }));
  expect(registered).toEqual([{ type: 'pulumi:providers:oci', inputs: {} }]);
  expect(push).toMatchObject({ server: 'registry.example', username: 'oauth2accesstoken' });
  expect(await valueOf(push.password)).toBe(TOKEN);
  expect(await pulumi.isSecret(push.password)).toBe(true);
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
