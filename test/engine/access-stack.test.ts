import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  JOB,
  REPOSITORY,
  startDeclaredRegistry,
  WRITER,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { previewedSteps } from '../support/engine-output.ts';
import { tracesOf } from '../support/processes.ts';
import { testSettings, up } from '../support/test-checkout.ts';

// A stack with all of it becomes two, as infra/PRODUCTION.md says.

const TOKEN = 'glptt-token&of-the-trigger';
const OF_ACCESS = {
  readers: ['allUsers'],
  writers: [WRITER],
  gitlabProject: '7/42',
  refreshPipeline: 'https://gitlab.example/api/v4/projects/42/trigger/pipeline',
};
const POOL = 'projects/ci-images/locations/global/workloadIdentityPools/kubernetes-ci-images';

/** Components that move with all that they have. */
const MOVED = ['GoogleApis', 'KeylessIdentity', 'ScheduledRefresh'];
const BINDING = 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding';

const Resource = z.object({ urn: z.string(), type: z.string() });
const Repository = z.object({ labels: z.record(z.string(), z.string()) });
const State = z.object({ deployment: z.object({ resources: z.array(Resource) }) });

let declared: DeclaredRegistry;

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
  declared.checkout.configure(OF_ACCESS);
  await setToken('sandbox');
  await succeed(...up());
});

afterAll(() => declared.close());

async function succeed(...args: string[]) {
  const run = await declared.checkout.pulumi(...args);
  expect(run.code, run.output).toBe(0);
  return run;
}

function setToken(stack: string) {
  return succeed('config', 'set', '--secret', 'refreshPipelineToken', TOKEN, '--stack', stack);
}

async function stateOf(stack: string) {
  const { stdout } = await succeed('stack', 'export', '--show-secrets', '--stack', stack);
  return { text: stdout, resources: State.parse(JSON.parse(stdout)).deployment.resources };
}

/** What must be the same at Google before and after. */
const atGoogle = () =>
  Promise.all([JOB, POOL, `${POOL}/providers/gitlab`].map((name) => declared.read(name)));

async function split(): Promise<void> {
  const { checkout, fixture } = declared;
  await succeed('stack', 'init', 'access');
  const file = 'Pulumi.access.yaml';
  const written = readFileSync(join(checkout.root, file), 'utf8');
  const addresses = { registry: fixture.gate.address, emulator: fixture.emulator };
  checkout.write(file, testSettings(written, addresses, { ...OF_ACCESS, part: 'access' }));
  await setToken('access');
  const { resources } = await stateOf('sandbox');
  const moved = resources.flatMap(({ type, urn }) =>
    type === BINDING || MOVED.some((name) => type.endsWith(`:index:${name}`)) ? [urn] : [],
  );
  await succeed('state', 'move', '--yes', '--source', 'sandbox', '--dest', 'access', ...moved);
  const { labels } = Repository.parse(await declared.read(REPOSITORY));
  const confirmed = { ...labels, part: 'daily' };
  await declared.act('PATCH', `v1/${REPOSITORY}?updateMask=labels`, { labels: confirmed });
}

describe('a stack with all of it', () => {
  it('becomes two, and nothing that Google has is deleted or made anew', async () => {
    const before = await atGoogle();
    declared.checkout.configure({ part: 'daily' });
    const { code, output } = await declared.checkout.pulumi(...up('--continue-on-error'));
    expect(code, output).not.toBe(0);
    expect(output).toContain('they would be deleted');
    expect(await atGoogle()).toEqual(before);
    await split();
    const update = 'update gcp:artifactregistry/repository:Repository images';
    expect(await previewedSteps(declared.checkout)).toEqual([update]);
    const steps = await previewedSteps(declared.checkout, '--stack', 'access');
    const ofProject = steps.filter((step) => step.startsWith('delete '));
    // Rights in the project, which are now rights in the repository.
    for (const step of ofProject) expect(step).toMatch(/iAMMember:IAMMember image-p/);
    expect(ofProject.length).toBeGreaterThan(3);
    expect(steps.filter((step) => !step.startsWith('delete '))).toEqual([
      ...['keepers', 'updaters'].map((name) => `create ${BINDING} images-${name}`),
      'create gcp:projects/iAMCustomRole:IAMCustomRole pipelines-updater',
      'create gcp:serviceaccount/account:Account image-pusher',
      'create gcp:serviceaccount/iAMMember:IAMMember image-pusher-deployer',
      ...['readers', 'writers'].map((name) => `update ${BINDING} images-${name}`),
    ]);
    await succeed(...up('--stack', 'access'));
    await succeed(...up());
    expect(await atGoogle()).toEqual(before);
  });

  it('is then as declared in both, also when Google is read again', async () => {
    const again = ['preview', '--refresh', '--run-program', '--expect-no-changes'];
    await succeed(...again);
    await succeed(...again, '--stack', 'access');
  });
});

describe('the stack that pipelines run', () => {
  it('has nothing that takes more than rights in its repository', async () => {
    const { resources } = await stateOf('sandbox');
    const types = new Set(
      resources.map(({ type }) => type).filter((type) => type.startsWith('gcp:')),
    );
    expect([...types]).toEqual(['gcp:artifactregistry/repository:Repository']);
  });

  it('has no secret, and the other one has that of the schedule', async () => {
    const holds = async (stack: string) => {
      const { text } = await stateOf(stack);
      return tracesOf(TOKEN).some((trace) => text.includes(trace));
    };
    expect(await holds('sandbox')).toBe(false);
    expect(await holds('access')).toBe(true);
  });

  it('may do what it needs in the repository, and grant nothing; another account only pushes', async () => {
    const { bindings } = z
      .object({ bindings: z.array(z.object({ role: z.string(), members: z.array(z.string()) })) })
      .parse(await declared.act('GET', `v1/${REPOSITORY}:getIamPolicy`));
    const rolesOf = (name: string) =>
      bindings
        .filter(({ members }) => members.some((member) => member.includes(`:${name}@`)))
        .map(({ role }) => role.split('/').at(-1))
        .sort();
    expect(rolesOf('image-publisher')).toEqual(['artifactregistry.repoAdmin', 'update_images']);
    expect(rolesOf('image-pusher')).toEqual(['artifactregistry.writer']);
    expect(rolesOf('image-previewer')).toEqual(['artifactregistry.reader']);
    const project = JSON.stringify(
      await declared.act('POST', 'v1/projects/ci-images:getIamPolicy'),
    );
    expect(project).not.toContain('serviceAccount:image-');
    const { stdout } = await succeed('stack', 'output', 'identity', '--json', '--stack', 'access');
    expect(JSON.parse(stdout)).toMatchObject({
      pusher: 'image-pusher@ci-images.iam.gserviceaccount.com',
    });
  });
});

describe('the stack of owners', () => {
  it('moves to a backend that pipelines cannot read, and is there as it was', async () => {
    const { checkout } = declared;
    const elsewhere = mkdtempSync(join(tmpdir(), 'access-state-'));
    onTestFinished(() => {
      rmSync(elsewhere, { recursive: true });
    });
    const backend = { PULUMI_BACKEND_URL: `file://${elsewhere}`, PULUMI_STACK: 'access' };
    const there = async (...args: string[]) => {
      const { code, output } = await checkout.run('pulumi', args, backend);
      expect(code, output).toBe(0);
    };
    const file = join(elsewhere, 'access.json');
    await succeed('stack', 'export', '--stack', 'access', '--file', file);
    await there('stack', 'init', 'access');
    await there('stack', 'import', '--file', file);
    await there('preview', '--expect-no-changes', '--non-interactive');
    await succeed('stack', 'rm', '--yes', '--force', '--preserve-config', '--stack', 'access');
    await succeed('preview', '--expect-no-changes');
  });
});
