import { readdirSync } from 'node:fs';
import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { expect, test } from 'vitest';
import { program } from '../../infra/program.ts';
import { planCheckout } from '../../src/cli/read-stack.ts';
import { checkResources } from '../../src/review/check-resources.ts';
import { LOGIN, recordResources, type Respond } from '../support/recording-mocks.ts';

/** The engine and its plug-ins would give more; what matters here is that the program goes on. */
const anything: Respond = ({ name, inputs }) => ({
  id: `${name}-id`,
  state: {
    published: false,
    digest: '',
    created: '',
    digests: [],
    pins: {},
    mostAttachments: 0,
    looseAttachments: false,
    ...inputs,
    repoDigest: `registry.test/x@sha256:${'b'.repeat(64)}`,
  },
});

const STACKS = readdirSync('.').flatMap((file) => {
  const stack = /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1];
  // The sandbox's is generated, and its catalog may not be there.
  return stack === undefined || stack === 'sandbox' ? [] : [stack];
});

test.each(STACKS)('what the stack %s declares breaks no policy', async (stack) => {
  const plan = planCheckout(process.cwd(), stack);
  const respond = new Proxy<Record<string, Respond>>({}, { get: () => anything });
  const recorded = await recordResources(respond, { calls: LOGIN, preview: true });
  await program({
    plan: () => ({ ...plan, references: { branches: [], needs: [], pinLines: {} } }),
  });
  await pulumi.runtime.disconnect();
  const declared = recorded.map(({ type, name, inputs, options }) => {
    return { type, name, inputs, protect: options.protect };
  });
  const types = new Set(declared.map(({ type }) => type));
  expect(types).toContain('gcp:artifactregistry/repository:Repository');
  expect(declared.filter(({ type }) => type === 'docker:index/image:Image')).toHaveLength(
    plan.images.length,
  );
  expect(checkResources(declared)).toEqual([]);
});
