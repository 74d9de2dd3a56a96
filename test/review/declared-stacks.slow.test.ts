import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { expect, test } from 'vitest';
import { accessProgram } from '../../infra/access.ts';
import { program } from '../../infra/program.ts';
import { planCheckout } from '../../src/cli/read-stack.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { planStack } from '../../src/plan/plan-stack.ts';
import { checkResources } from '../../src/review/check-resources.ts';
import { parseStackSettings } from '../../src/settings/stack-settings.ts';
import { TRIGGER } from '../settings/some-settings.ts';
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

const PLACE = 'gcp:project: some-project, gcp:region: us-central1, x:repositoryId: kubespray';

/** Those of infra/PRODUCTION.md and infra/DESTINATIONS.md, and all that are committed. */
const EXAMPLES: Readonly<Record<string, string>> = {
  daily: `{ ${PLACE}, x:part: daily }`,
  access: `{ ${PLACE}, x:part: access, x:readers: [allUsers], x:refreshTrigger: ${TRIGGER} }`,
  borrowed: `{ ${PLACE}, x:destination: borrowed }`,
  scheduled: `{ ${PLACE}, x:destination: borrowed, x:refreshTrigger: ${TRIGGER} }`,
  plain: '{ x:destination: quay.io/kubespray }',
};
const COMMITTED = readdirSync('.').flatMap((file) => {
  const stack = /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1];
  // The sandbox's is generated, and its catalog may not be there.
  return stack === undefined || stack === 'sandbox' ? [] : [stack];
});
const STACKS = [...Object.keys(EXAMPLES), ...COMMITTED];

function planOf(stack: string) {
  const example = EXAMPLES[stack];
  if (example === undefined) return planCheckout(process.cwd(), stack);
  const project = { file: 'Pulumi.yaml', text: readFileSync('Pulumi.yaml', 'utf8') };
  const text = `config: ${example.replaceAll(' x:', ' kubernetes-ci-images:')}`;
  const parsed = parseStackSettings(project, { file: `Pulumi.${stack}.yaml`, text });
  return planStack(workingTree(process.cwd()), parsed);
}

const REPOSITORY = 'gcp:artifactregistry/repository:Repository';
const CALLS = {
  ...LOGIN,
  'gcp:artifactregistry/getRepository:getRepository': () => ({
    effectiveLabels: { part: 'daily' },
  }),
  'pulumi:pulumi:readStackOutputs': () => ({ outputs: {} }),
};
const respond = new Proxy<Record<string, Respond>>({}, { get: () => anything });

const known = new Map<string, ReturnType<typeof declare>>();

/** What a stack declares in a preview, and its plan: once for all tests. */
function declared(stack: string): ReturnType<typeof declare> {
  const found = known.get(stack) ?? declare(stack);
  known.set(stack, found);
  return found;
}

async function declare(stack: string) {
  const plan = planOf(stack);
  const recorded = await recordResources(respond, { calls: CALLS, preview: true });
  const references = { branches: [], needs: [], pinLines: {} };
  await pulumi.runtime.runInPulumiStack(() =>
    plan.settings.part === 'access'
      ? accessProgram(() => plan.settings)
      : program({ plan: () => ({ ...plan, references }), announce: () => Promise.resolve() }),
  );
  await pulumi.runtime.disconnect();
  const resources = recorded.map(({ type, name, inputs, options }) => {
    return { type, name, inputs, ...options };
  });
  return { plan, resources };
}

test.each(STACKS)('what the stack %s declares breaks no policy', async (stack) => {
  const { plan, resources } = await declared(stack);
  const { part, destination } = plan.settings;
  const isAccess = part === 'access';
  const isOwner = !isAccess && destination.kind === 'managed';
  const of = (type: string) => resources.filter((resource) => resource.type === type);
  expect(of(REPOSITORY)).toHaveLength(isOwner ? 1 : 0);
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

test('of two stacks, the one that pipelines run has its images and no right', async () => {
  const typesOf = async (stack: string) =>
    new Set((await declared(stack)).resources.map(({ type }) => type));
  const daily = await typesOf('daily');
  expect([...daily].filter((type) => type.startsWith('gcp:'))).toEqual([REPOSITORY]);
  const access = await typesOf('access');
  expect(access).toContain('gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding');
  expect(access).toContain('gcp:cloudscheduler/job:Job');
  expect([...access].filter((type) => /^(?:oci|docker):/.test(type))).toEqual([]);
});

test.each([
  ['prod', []],
  ['borrowed', []],
  ['plain', []],
  ['scheduled', ['cloudscheduler', 'projects', 'serviceaccount']],
])('nothing is declared of what others own, by the stack %s', async (stack, modules) => {
  const { resources } = await declared(stack);
  const own = resources.flatMap(({ type }) => /^gcp:(\w+)/.exec(type)?.[1] ?? []);
  expect([...new Set(own)].toSorted()).toEqual(modules);
  const isApi = ({ type }: { readonly type: string }) => type === 'gcp:projects/service:Service';
  const apis = resources.filter(isApi).map(({ name }) => name);
  expect(apis).not.toContain('artifactregistry.googleapis.com');
  expect(apis.length > 0).toBe(stack === 'scheduled');
});
