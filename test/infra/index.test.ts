import pulumi from '@pulumi/pulumi';
import { expect, it } from 'vitest';
import main from '../../infra/index.ts';
import { LOGIN, recordResources } from '../support/recording-mocks.ts';

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
