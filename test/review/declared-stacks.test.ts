import { readdirSync } from 'node:fs';
import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { expect, test } from 'vitest';
import { accessProgram } from '../../infra/access.ts';
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
    mostMembers: 0,
    attachmentsOfOne: 0,
    ...inputs,
    repoDigest: `registry.test/x@sha256:${'b'.repeat(64)}`,
  },
});

const STACKS = readdirSync('.').flatMap((file) => {
  const stack = /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1];
  // The sandbox's is generated, and its catalog may not be there.
  return stack === undefined || stack === 'sandbox' ? [] : [stack];
});

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';
const CALLS = {
  ...LOGIN,
  'gcp:artifactregistry/getRepository:getRepository': () => ({
    effectiveLabels: { part: 'daily' },
  }),
};
const respond = new Proxy<Record<string, Respond>>({}, { get: () => anything });

/** What a stack declares in a preview, and its plan. */
async function declared(stack: string) {
  const plan = planCheckout(process.cwd(), stack);
  const recorded = await recordResources(respond, { calls: CALLS, preview: true });
  const references = { branches: [], needs: [], pinLines: {} };
  await pulumi.runtime.runInPulumiStack(() =>
    plan.settings.part === 'access'
      ? accessProgram(() => plan.settings)
      : program({ plan: () => ({ ...plan, references }) }),
  );
  await pulumi.runtime.disconnect();
  const resources = recorded.map(({ type, name, inputs, options }) => {
    return { type, name, inputs, ...options };
  });
  return { plan, resources };
}

test.each(STACKS)('what the stack %s declares breaks no policy', async (stack) => {
  const { plan, resources } = await declared(stack);
  const isAccess = plan.settings.part === 'access';
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  expect(of(REPOSITORY)).toHaveLength(isAccess ? 0 : 1);
  expect(of('docker:index/image:Image')).toHaveLength(isAccess ? 0 : plan.images.length);
  expect(checkResources(resources)).toEqual([]);
});

test.each(STACKS)('each change at Google by the stack %s has a limit', async (stack) => {
  const { plan, resources } = await declared(stack);
  const limit = `${plan.settings.googleTimeout}s`;
  const own = resources.filter(({ type }) => type.startsWith('gcp:'));
  for (const { timeouts } of own) {
    expect(timeouts).toMatchObject({ create: limit, update: limit, delete: limit });
  }
});

test('production is two stacks, and the one that pipelines run has its images and no right', async () => {
  const typesOf = async (stack: string) =>
    new Set((await declared(stack)).resources.map(({ type }) => type));
  const daily = await typesOf('prod');
  expect([...daily].filter((type) => type.startsWith('gcp:'))).toEqual([REPOSITORY]);
  const access = await typesOf('prod-access');
  expect(access).toContain('gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding');
  expect(access).toContain('gcp:cloudscheduler/job:Job');
  expect([...access].filter((type) => /^(?:oci|docker):/.test(type))).toEqual([]);
});
