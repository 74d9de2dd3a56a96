import pulumi from '@pulumi/pulumi';
import { expect, it } from 'vitest';
import main from '../../infra/index.ts';
import { LOGIN, recordResources, TOKEN } from '../support/recording-mocks.ts';

const RESPOND = { 'pulumi:providers:oci': () => ({ id: 'oci', state: {} }) };

it.each([
  ['a preview starts the plug-ins', true, ['pulumi:providers:oci']],
  ['an up asks the engine for nothing', false, []],
])('%s before the input is known to be good', async (_, preview, asked) => {
  const recorded = await recordResources(RESPOND, { calls: LOGIN, preview });
  // A stack without settings.
  await expect(main()).rejects.toSatisfy((error: Error) => pulumi.RunError.isInstance(error));
  expect(recorded.map(({ type }) => type)).toEqual(asked);
});

it.each([
  ['quay.io/kubespray', false],
  ['borrowed', true],
  ['', true],
])('whether a preview with the destination "%s" logs in at Google: %s', async (text, expected) => {
  // A slow run also asks for a newer token.
  let isAsked = false;
  const answer = () => {
    isAsked = true;
    return { accessToken: TOKEN };
  };
  const calls = { ...LOGIN, 'gcp:organizations/getClientConfig:getClientConfig': answer };
  await recordResources(RESPOND, { calls, preview: true });
  pulumi.runtime.setConfig('kubernetes-ci-images:destination', text);
  await expect(main()).rejects.toSatisfy((error: Error) => pulumi.RunError.isInstance(error));
  expect(isAsked).toBe(expected);
});
