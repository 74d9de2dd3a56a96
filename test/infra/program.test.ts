import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import pulumi from '@pulumi/pulumi';
import { expect, it, vi } from 'vitest';
import { program } from '../../infra/program.ts';
import { planCheckout } from '../../src/cli/read-stack.ts';
import { LOGIN, recordResources } from '../support/recording-mocks.ts';

it('a login that fails while the program warns of git is the error of the run, and no other', async () => {
  const plan = planCheckout(process.cwd(), 'prod');
  let isRefused = false;
  const refuse = () => {
    isRefused = true;
    throw new Error('no login');
  };
  const calls = {
    ...LOGIN,
    'gcp:organizations/getClientConfig:getClientConfig': refuse,
    'pulumi:pulumi:readStackOutputs': () => ({ outputs: {} }),
  };
  await recordResources(
    { 'pulumi:providers:oci': () => ({ id: 'oci', state: {} }) },
    { calls, preview: true },
  );
  vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
  const warn = vi.spyOn(pulumi.log, 'warn').mockImplementation(async () => {
    await expect.poll(() => isRefused).toBe(true);
    await setTimeout(100);
  });
  const references = { branches: [], needs: [], pinLines: {} };
  const running = program({ plan: () => ({ ...plan, references }) });
  await expect(running).rejects.toThrow('there is no Google access token');
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('without their commit'));
});
