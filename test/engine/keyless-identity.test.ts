import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDeclaredRegistry, type DeclaredRegistry } from '../support/declared-registry.ts';
import { previewedSteps, succeeded } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

const POOL = 'projects/ci-images/locations/global/workloadIdentityPools/kubernetes-ci-images';
const GITLAB = { gitlabProject: '7/42' };
const DEPLOYER = 'image-publisher@ci-images.iam.gserviceaccount.com';
const PREVIEWER = 'image-previewer@ci-images.iam.gserviceaccount.com';

let declared: DeclaredRegistry;

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
});

afterAll(() => declared.close());

async function publish(settings: Readonly<Record<string, unknown>>): Promise<string> {
  declared.checkout.configure(settings);
  const output = await succeeded(declared.checkout.pulumi(...up()));
  return output;
}

/** Who may become an account. */
async function mayBecome(email: string): Promise<unknown> {
  const path = `v1/projects/ci-images/serviceAccounts/${email}:getIamPolicy`;
  const { body } = await declared.fixture.call('POST', path);
  return (body as { bindings?: unknown }).bindings;
}

const user = (...members: readonly string[]) => [
  { role: 'roles/iam.workloadIdentityUser', members },
];

describe('pipelines without a key', () => {
  it('are declared once a project is named: one pool, its provider, two accounts', async () => {
    await publish(GITLAB);
    expect(await declared.read(POOL)).toMatchObject({ state: 'ACTIVE' });
    expect(await declared.read(`${POOL}/providers/gitlab`)).toMatchObject({
      state: 'ACTIVE',
      attributeCondition: expect.stringContaining('assertion.project_id == "42"') as string,
      oidc: { issuerUri: 'https://gitlab.com/' },
    });
  });

  it('become the deployer or the previewer by their attributes', async () => {
    const { name } = (await declared.read(POOL)) as { readonly name: string };
    expect(name).toMatch(/^projects\/\d+\/locations\/global\/workloadIdentityPools\//);
    const set = `principalSet://iam.googleapis.com/${name}`;
    expect(await mayBecome(DEPLOYER)).toEqual(
      user(`${set}/attribute.deployer/gitlab-42-protected`),
    );
    expect(await mayBecome(PREVIEWER)).toEqual(user(`${set}/attribute.pipeline/gitlab-42`));
  });

  it('are told what to log in with, and the second run changes nothing', async () => {
    const { stdout } = await declared.checkout.pulumi('stack', 'output', 'identity', '--json');
    expect(JSON.parse(stdout)).toEqual({
      providers: {
        gitlab: expect.stringMatching(
          /^projects\/\d+\/locations\/global\/workloadIdentityPools\/kubernetes-ci-images\/providers\/gitlab$/,
        ) as string,
      },
      deployer: DEPLOYER,
      previewer: PREVIEWER,
    });
    const again = ['--refresh', '--run-program', '--expect-no-changes'];
    await succeeded(declared.checkout.pulumi('preview', ...again));
  });

  it('of another project, or of GitHub too, change in place', async () => {
    const both = { gitlabProject: '7/43', githubRepository: '1/2' };
    declared.checkout.configure(both);
    const steps = await previewedSteps(declared.checkout);
    expect(steps).toContain(
      'update gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider pipelines-gitlab',
    );
    expect(steps).toContain(
      'create gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider pipelines-github',
    );
    await publish(both);
    expect(await declared.read(`${POOL}/providers/gitlab`)).toMatchObject({
      attributeCondition: expect.stringContaining('assertion.project_id == "43"') as string,
    });
    expect(await declared.read(`${POOL}/providers/github`)).toMatchObject({
      oidc: { issuerUri: 'https://token.actions.githubusercontent.com' },
    });
    const bindings = JSON.stringify(await mayBecome(DEPLOYER));
    expect(bindings).toContain('gitlab-43-protected');
    expect(bindings).toContain('github-2-protected');
    expect(bindings).not.toContain('gitlab-42');
  });

  it('are trusted no more once no project is named', async () => {
    await publish({});
    expect(await declared.read(`${POOL}/providers/gitlab`)).toMatchObject({ state: 'DELETED' });
    expect(await declared.read(POOL)).toMatchObject({ state: 'DELETED' });
    expect((await mayBecome(DEPLOYER)) ?? []).toEqual([]);
  });
});
