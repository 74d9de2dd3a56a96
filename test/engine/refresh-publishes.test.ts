import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startBranchingProject, type BranchingProject } from '../support/branching-project.ts';
import { pushBusyboxBase } from '../support/pushed-bases.ts';
import { previewedSteps, plannedTags, succeeded } from '../support/engine-output.ts';
import { forgetBuilds } from '../support/docker-cli.ts';
import { startRegistry, type StartedRegistry } from '../support/registry.ts';
import { up } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const CATALOG = 'config/images.yml';
const IMAGES = ['alpha', 'beta', 'gamma'];
const OWN = {
  name: 'images',
  repository: '.',
  branches: { default: 'main', releases: 'release-*', newest: 1 },
  references: [{ catalog: CATALOG }],
};

const folder = sharedFolder();
let upstream: StartedRegistry;
let project: BranchingProject;
/** The base of alpha and beta, which moves; gamma has one of another registry. */
let pinned: string;

// A second registry has what alpha and beta are built from; both are pinned on release-1.0.
beforeAll(async () => {
  upstream = await startRegistry({ dir: folder });
  project = await startBranchingProject(IMAGES);
  pinned = await pushBusyboxBase(upstream.address, inject('prerequisites').busybox);
  const { checkout, fixture } = project;
  checkout.declare(IMAGES, pinned);
  // One value for alpha and beta, and another registry's base for gamma.
  const [head = '', a = '', b = '', c = ''] = catalog().split(pinned);
  checkout.write(CATALOG, `${head}&upstream ${pinned}${a}*upstream${b}${fixture.base}${c}`);
  project.commit('release-1.0');
  project.retain({ sources: [OWN] });
  project.commit();
});

afterAll(async () => {
  await project.close();
  await forgetBuilds(upstream.address);
  await upstream.stop();
});

function catalog(): string {
  return readFileSync(join(project.checkout.root, CATALOG), 'utf8');
}

/** Image → what a tag of it names now. */
async function named(tag: string): Promise<Record<string, string | undefined>> {
  const digests = IMAGES.map(async (image) => [image, await project.fixture.digest(image, tag)]);
  return Object.fromEntries(await Promise.all(digests)) as Record<string, string | undefined>;
}

async function publish(): Promise<void> {
  await succeeded(project.checkout.pulumi(...up('--refresh', '--run-program')));
}

const changedFrom = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  IMAGES.filter((image) => after[image] !== before[image]);

describe('a base that moves in another registry', () => {
  let before: { text: string; tags: Record<string, string>; latest: Record<string, unknown> };

  it('is one value of the catalog, and exactly the tags of the images built from it', async () => {
    await publish();
    before = {
      text: catalog(),
      tags: plannedTags(project.checkout),
      latest: await named('latest'),
    };
    expect(await named('release-1.0')).toEqual(before.latest);
    const moved = await pushBusyboxBase(upstream.address, inject('prerequisites').busybox, 'two');
    expect(moved).not.toBe(pinned);
    const refreshed = await project.checkout.images('refresh', '--stack', 'sandbox');
    expect(refreshed.code, refreshed.output).toBe(0);
    expect(catalog()).toBe(before.text.replace(pinned, moved));
    const after = plannedTags(project.checkout);
    expect(changedFrom(before.tags, after)).toEqual(['alpha', 'beta']);
  });

  it('is rebuilt by the next up, and nothing else is', async () => {
    project.commit();
    const builds = (await previewedSteps(project.checkout)).filter((step) =>
      step.includes('docker:'),
    );
    expect(builds.map((step) => step.split(' ').at(-1))).toEqual(['alpha', 'beta']);
    await publish();
  });

  it('leaves nothing to be put right', async () => {
    const settled = ['preview', '--refresh', '--run-program', '--expect-no-changes'];
    await succeeded(project.checkout.pulumi(...settled));
  });

  it('moves latest of what was rebuilt, and no tag of a release branch', async () => {
    expect(changedFrom(before.latest, await named('latest'))).toEqual(['alpha', 'beta']);
    expect(await named('release-1.0')).toEqual(before.latest);
  });

  it('is rolled back by a revert: what was there is adopted, and nothing is rebuilt', async () => {
    const { gate } = project.fixture;
    await forgetBuilds(gate.address);
    gate.forget();
    project.checkout.write(CATALOG, before.text);
    project.commit();
    await publish();
    expect(await named('latest')).toEqual(before.latest);
    expect(gate.seen.filter((request) => request.includes('/blobs/uploads'))).toEqual([]);
    expect(await named('release-1.0')).toEqual(before.latest);
  });
});
