import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTag } from '../../src/image-reference.ts';
import { startBranchingProject, type BranchingProject } from '../support/branching-project.ts';
import { known } from '../support/fixtures.ts';
import {
  cleanUp,
  forecastFor,
  heldVersions,
  keptByDigest,
  publishedVersions,
  withMembers,
  type NamedVersion,
  pull,
} from '../support/held-versions.ts';
import { up } from '../support/test-checkout.ts';

const BRANCHES = { default: 'main', releases: 'release-*', newest: 1 };
const CI_FILES = {
  files: ['tests/*.yml'],
  pattern: `cloud_image:\\s*["']?(?<image>[a-z0-9][a-z0-9.-]*)`,
};

let project: BranchingProject;
let start: Date;
/** For day 54, from before the branches left. */
let forecast: Awaited<ReturnType<typeof forecastFor>>;
const versions: Record<string, NamedVersion> = {};

// 30 days for tagged versions, the newest one of each image stays, 7 days of grace. The project's own
// branches need what their catalogs declare: on release-1.0, which is cut on day 0, alpha alone. The
// other repository's main needs gamma, and its release-1.0 beta, both by name.
//
//     day   0               10              20              45                  54
//     alpha alpha1          alpha2          alpha3          alpha2 goes         alpha1 goes
//     beta  beta1           beta2           beta3           beta2 goes          beta1 goes
//     gamma gamma1
//     newest release: 1.0                                   1.1
//
// On day 45, the seconds are 35 days old, and out of use since day 20; the thirds are 25 days old. On
// day 54, the firsts are 54 days old, and out of use since day 45. The runs of the days before them are the
// first ones to find that a grace period is over.
beforeAll(async () => {
  project = await startBranchingProject(['alpha']);
  start = project.inDays(0);
  project.commit('release-1.0');
  project.checkout.declare(['alpha', 'beta', 'gamma'], project.fixture.base);
  project.commit();
  project.push('main', { 'tests/a.yml': 'cloud_image: gamma\n' });
  project.push('release-1.0', { 'tests/a.yml': '- cloud_image: "beta" # for now\n' });
  const own = { name: 'images', repository: '.', references: [{ catalog: 'config/images.yml' }] };
  const ci = {
    name: 'ci',
    aliasPrefix: 'ci-',
    repository: project.consumer,
    references: [CI_FILES],
  };
  project.retain({
    dryRun: false,
    sources: [own, ci].map((source) => ({ ...source, branches: BRANCHES })),
  });
});

afterAll(() => project.close());

describe('what branches need, step by step', () => {
  it('has a tag for each branch, also where two sources have one of the same name', async () => {
    await publish(1, ['alpha', 'beta', 'gamma']);
    expect(await held()).toEqual({
      alpha1: ['latest', 'main', 'release-1.0'],
      beta1: ['ci-release-1.0', 'latest', 'main'],
      gamma1: ['ci-main', 'latest', 'main'],
    });
    await expectNoChanges();
  });

  it('stays when latest moves on', async () => {
    await project.pass(10);
    await publish(2, ['alpha', 'beta']);
    expect(await held()).toEqual({
      alpha1: ['release-1.0'],
      alpha2: ['latest', 'main'],
      beta1: ['ci-release-1.0'],
      beta2: ['latest', 'main'],
      gamma1: ['ci-main', 'latest', 'main'],
    });
    expect(await kept()).toEqual(['alpha1', 'beta1', 'gamma1']);
    // No second run: what this one has published, the next one, which supersedes it, must look for.
  });

  it('is marked once nothing needs it, and stays for the grace period', async () => {
    await project.pass(10);
    await publish(3, ['alpha', 'beta']);
    expect(await held()).toMatchObject({
      alpha1: ['release-1.0'],
      alpha2: ['gone on day 20'],
      alpha3: ['latest', 'main'],
      beta1: ['ci-release-1.0'],
      beta2: ['gone on day 20'],
      beta3: ['latest', 'main'],
    });
    expect(await kept()).toEqual(['alpha1', 'alpha2', 'beta1', 'beta2', 'gamma1']);
    await expectNoChanges();
  });

  it('gets a tag back that somebody has moved', async () => {
    const { client } = project.fixture;
    const path = project.fixture.repository('beta');
    const pin = tag('ci-release-1.0');
    const latest = known(await client.getManifest(path, tag('latest')));
    await client.putManifest(path, pin, latest);
    await succeed(...up('--refresh', '--run-program'));
    expect(await held()).toMatchObject({ beta1: [pin], beta3: ['latest', 'main'] });
  });

  it('is all that the clean-up leaves, as was forecast', async () => {
    const forecast = await forecastFor(project, versions, project.inDays(25));
    await project.pass(24);
    await succeed(...up());
    expect(await cleanUp(project, versions)).toEqual([]);
    await project.pass(1);
    await succeed(...up());
    const deleted = await cleanUp(project, versions);
    expect(deleted).toEqual(['alpha2', 'beta2']);
    expect(forecast).toEqual({ code: 0, goes: deleted });
    expect(await cleanUp(project, versions)).toEqual([
      'alpha2 attestation',
      'alpha2 member',
      'beta2 attestation',
      'beta2 member',
    ]);
    expect(Object.keys(await held())).toEqual(['alpha1', 'alpha3', 'beta1', 'beta3', 'gamma1']);
    expect(await kept()).toEqual(['alpha1', 'alpha3', 'beta1', 'beta3', 'gamma1']);
    await expectNoChanges();
  });

  it.each([
    ['alpha1', 'release-1.0'],
    ['beta1', 'ci-release-1.0'],
  ])(
    'can be pulled afterwards: %s as %s, by its immutable tag and by digest',
    async (name, alias) => {
      const { image, tag: immutable, digest } = version(name);
      for (const reference of [alias, immutable, digest]) {
        expect(await pull(project, image, reference)).toBe(digest);
      }
    },
  );

  it('stays for the grace period when a branch leaves support, and so do its tags', async () => {
    project.commit('release-1.1');
    project.push('release-1.1', { 'tests/a.yml': 'cloud_image: beta\n' });
    forecast = await forecastFor(project, versions, project.inDays(9));
    await succeed(...up());
    expect(await held()).toEqual({
      alpha1: ['gone on day 45', 'release-1.0'],
      alpha3: ['latest', 'main', 'release-1.1'],
      beta1: ['ci-release-1.0', 'gone on day 45'],
      beta3: ['ci-release-1.1', 'latest', 'main', 'release-1.1'],
      gamma1: ['ci-main', 'latest', 'main', 'release-1.1'],
    });
    expect(await kept()).toEqual(['alpha1', 'alpha3', 'beta1', 'beta3', 'gamma1']);
    expect(await cleanUp(project, versions)).toEqual([]);
    await expectNoChanges();
  });

  it('goes after grace and window, as was forecast before the branch left', async () => {
    await project.pass(8);
    await succeed(...up());
    expect(await cleanUp(project, versions)).toEqual([]);
    await project.pass(1);
    await succeed(...up());
    expect(await kept()).toEqual(['alpha3', 'beta3', 'gamma1']);
    const deleted = await cleanUp(project, versions);
    expect(deleted).toEqual(['alpha1', 'beta1']);
    expect(forecast).toEqual({ code: 0, goes: deleted });
    expect(Object.keys(await held())).toEqual(['alpha3', 'beta3', 'gamma1']);
    await expectNoChanges();
    await succeed('preview', '--refresh', '--expect-no-changes');
  });
});

const held = () => heldVersions(project, versions, start);
const kept = () => keptByDigest(project, versions);

/** Publishes these images with the content of that number, on main. */
async function publish(number: number, images: readonly string[]): Promise<void> {
  for (const image of images) {
    const content = number === 1 ? `${image}\n` : `${image}, ${number}\n`;
    project.checkout.write(`config/contexts/${image}/content`, content);
  }
  project.commit();
  await succeed(...up());
  const numbers = Object.fromEntries(images.map((image) => [image, number]));
  const published = await publishedVersions(project, numbers);
  Object.assign(versions, await withMembers(project, published));
}

async function expectNoChanges(): Promise<void> {
  await succeed(...up('--expect-no-changes'));
}

async function succeed(...args: string[]): Promise<void> {
  const { code, output } = await project.checkout.pulumi(...args);
  expect(output).not.toMatch(/\b(?:error|warning):/);
  expect(code, output).toBe(0);
}

function version(name: string): NamedVersion {
  return known(versions[name]);
}

function tag(text: string) {
  return known(parseTag(text));
}
