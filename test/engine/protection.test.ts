import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ACCOUNT,
  ALL_SETTINGS,
  JOB,
  REPOSITORY,
  startDeclaredRegistry,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { previewedSteps, plannedTags, succeeded } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

// As README.md has it.
const URN =
  'urn:pulumi:sandbox::kubernetes-ci-images::kubernetes-ci-images:index:ImageRegistry$gcp:artifactregistry/repository:Repository::images';
const OTHER = REPOSITORY.replace(/images$/, 'other');
const DESTROY = ['destroy', '--yes', '--skip-preview', '--non-interactive', '--color', 'never'];

const Listing = z.object({
  dockerImages: z.array(z.object({ tags: z.array(z.string()).default([]) })),
});

let declared: DeclaredRegistry;
/** What CI needs, as it was made. */
let before: unknown;

beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
  await succeed(...up());
  before = await neededByCi();
});

afterAll(() => declared.close());

describe('the registry that CI pulls from, step by step', () => {
  it.each([
    ['repository id', { repositoryId: 'other' }],
    ['location', { location: 'us' }],
  ])('is not replaced for another %s, and nothing is touched', async (_setting, changes) => {
    declared.checkout.configure({ ...ALL_SETTINGS, ...changes });
    for (const args of [['preview'], up()]) {
      const { code, output } = await declared.checkout.pulumi(...args);
      expect(output).toMatch(
        /unable to replace resource ".*:Repository::images"\s+as it is currently marked for protection/,
      );
      expect(code).not.toBe(0);
    }
    expect(await neededByCi()).toEqual(before);
    expect(await schedule()).toEqual([200, 200]);
  });

  it('is what it was once the setting is back', async () => {
    declared.checkout.configure(ALL_SETTINGS);
    await succeed(...up('--expect-no-changes'));
    expect(await neededByCi()).toEqual(before);
  });

  it('survives a destroy, which is refused, with its images and all who may use it', async () => {
    const { code, output } = await declared.checkout.pulumi(...DESTROY);
    expect(output).toMatch(/cannot be deleted\s+because it is protected/);
    expect(code).not.toBe(0);
    expect(await neededByCi()).toEqual(before);
  });

  it('gets its schedule back from the next up', async () => {
    await succeed(...up());
    expect(await schedule()).toEqual([200, 200]);
    expect(await neededByCi()).toEqual(before);
  });

  it('is all that destroy --exclude-protected leaves', async () => {
    await succeed(...DESTROY, '--exclude-protected');
    expect(await schedule()).toEqual([404, 404]);
    expect(await neededByCi()).toEqual(before);
    await succeed(...up());
  });

  it('stays as it is when the stack moves to another repository, which gets all images', async () => {
    await succeed('state', 'delete', URN, '--force', '--target-dependents', '--yes');
    declared.checkout.configure({ ...ALL_SETTINGS, repositoryId: 'other' });
    const steps = await previewedSteps(declared.checkout);
    expect(steps).toContain('create gcp:artifactregistry/repository:Repository images');
    expect(steps.filter((step) => /^(delete|replace).*artifactregistry/.test(step))).toEqual([]);
    await succeed(...up());
    expect(await neededByCi()).toEqual(before);
    const { alpha = '' } = plannedTags(declared.checkout);
    const { dockerImages } = Listing.parse(await declared.read(`${OTHER}/dockerImages`));
    expect(dockerImages.map(({ tags }) => tags).sort()).toEqual(
      // The image, its attestation, and the index of both.
      [[`${alpha}-linux-amd64`], [], [alpha, 'latest'].sort()].sort(),
    );
  });

  it('is deleted on purpose as README.md says, it alone', async () => {
    await succeed(...up());
    await succeed(...DESTROY, '--target', URN, '--target-dependents', '--ignore-protect');
    expect(await declared.statusOf(OTHER)).toBe(404);
    expect(await neededByCi()).toEqual(before);
  });
});

function succeed(...args: string[]): Promise<string> {
  return succeeded(declared.checkout.pulumi(...args));
}

/** The repository with its images and their tags, and who may use it. */
async function neededByCi(): Promise<unknown> {
  const { alpha = '' } = plannedTags(declared.checkout);
  return {
    images: await declared.read(`${REPOSITORY}/dockerImages`),
    access: await declared.read(`${REPOSITORY}:getIamPolicy`),
    tagged: await declared.fixture.digest('alpha', alpha),
    latest: await declared.fixture.digest('alpha', 'latest'),
  };
}

/** The status of the job and of its account. */
function schedule(): Promise<number[]> {
  return Promise.all([JOB, ACCOUNT].map((name) => declared.statusOf(name)));
}
