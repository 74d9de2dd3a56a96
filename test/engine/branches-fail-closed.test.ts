import { renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tag } from '../../src/image-reference.ts';
import { fastImport, git } from '../git/git-repository.ts';
import { startBranchingProject, type BranchingProject } from '../support/branching-project.ts';
import { REPOSITORY } from '../support/declared-registry.ts';
import { expectPlainFailure, plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { up } from '../support/test-checkout.ts';

const BRANCHES = { default: 'main', releases: 'release-*', newest: 1 };
const CI_FILES = {
  files: ['tests/*.yml'],
  pattern: String.raw`image: (?<image>[a-z]+)(?::(?<tag>\w+))?`,
};
const NAMES_ALPHA = { 'tests/a.yml': 'image: alpha\n' };

let project: BranchingProject;
/** The registry and what the stack says of it, before anything fails. */
let before: unknown;

beforeAll(async () => {
  project = await startBranchingProject(['alpha']);
  project.commit('release-1.0');
  project.push('main', NAMES_ALPHA);
  project.push('release-1.0', NAMES_ALPHA);
  retain({});
  expect(await project.checkout.pulumi(...up())).toMatchObject({ code: 0 });
  before = await present();
  // From here on, a run has something to publish, and policies to change.
  project.checkout.write('config/contexts/alpha/content', 'alpha, second\n');
  project.commit();
  retain({ window: '60d' });
});

afterAll(() => project.close());

/** What goes wrong, how it is brought about and put right again, and what is said of it. */
const FAILURES: readonly [string, () => () => void, readonly (string | RegExp)[]][] = [
  [
    'a repository cannot be read',
    () => {
      const away = `${project.consumer}.away`;
      renameSync(project.consumer, away);
      return () => {
        renameSync(away, project.consumer);
      };
    },
    ['REPOSITORY_UNREACHABLE', /ci: .*consumer\.git can't be read/],
  ],
  [
    'a pattern finds nothing on a branch',
    () => {
      project.push('release-1.0', { 'tests/a.yml': 'nothing\n' });
      return () => {
        project.push('release-1.0', NAMES_ALPHA);
      };
    },
    ['NO_REFERENCES', 'ci@release-1.0', 'nothing in tests/*.yml names an image'],
  ],
  [
    'a repository has no branch',
    () => {
      for (const branch of ['main', 'release-1.0']) {
        git(project.consumer, ['update-ref', '-d', `refs/heads/${branch}`]);
      }
      return () => {
        project.push('main', NAMES_ALPHA);
        project.push('release-1.0', NAMES_ALPHA);
      };
    },
    ['NO_SUPPORTED_BRANCH', 'ci: the repository has no branches'],
  ],
  [
    'a branch has a catalog with a mistake',
    () => {
      const { root } = project.checkout;
      const files = { 'config/images.yml': 'images:\n  - title: alpha\n' };
      git(root, ['fast-import', '--quiet'], fastImport('release-1.1', files));
      return () => git(root, ['update-ref', '-d', 'refs/heads/release-1.1']);
    },
    [/images@release-1\.1:config\/images\.yml:2:\d+/],
  ],
  [
    'the registry cannot be asked what a branch needs',
    () => {
      project.push('release-1.1', NAMES_ALPHA);
      const { gate } = project.fixture;
      gate.shut((request) => request.endsWith('/manifests/ci-release-1.1'));
      return () => {
        gate.open();
      };
    },
    ['REGISTRY_UNREACHABLE', 'no policy is changed'],
  ],
];

describe('a run that cannot know what branches need', () => {
  it.each(FAILURES)('changes nothing, and says why: %s', async (_kind, cause, said) => {
    const { checkout, fixture } = project;
    fixture.gate.forget();
    const undo = cause();
    try {
      expectPlainFailure(await checkout.pulumi(...up()), ...said);
    } finally {
      undo();
    }
    expect(fixture.gate.seen.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
    expect(await present()).toEqual(before);
  });

  it('is made up for by the next one', async () => {
    await succeeded(project.checkout.pulumi(...up()));
    // 60 days × 86,400 seconds
    expect(await project.read(REPOSITORY)).toMatchObject({
      cleanupPolicies: { 'delete-tagged': { condition: { olderThan: '5184000s' } } },
    });
    const { alpha = '' } = plannedTags(project.checkout);
    expect(await project.fixture.digest('alpha', 'latest')).toBe(
      await project.fixture.digest('alpha', alpha),
    );
  });
});

describe('a need of what the registry does not have', () => {
  it('is listed by image and alias, and keeps nothing else from being done', async () => {
    project.push('main', { 'tests/a.yml': 'image: alpha:v9\n' });
    project.checkout.write('config/contexts/alpha/content', 'alpha, third\n');
    project.commit();
    const { code, output } = await project.checkout.pulumi(...up());
    expect(output).toMatch(/the registry does not have all .*: alpha \(ci-main\)$/m);
    expect(code).toBe(0);
    const { alpha = '' } = plannedTags(project.checkout);
    expect(await project.fixture.digest('alpha', alpha)).toMatch(/^sha256:/);
  });

  it('is news in the forecast, since nobody could have it yet', async () => {
    const { code, output } = await project.checkout.images('retention', '--stack', 'sandbox');
    expect(output).toContain('never published:\n  alpha:v9 (ci main)\n');
    expect(code).toBe(0);
  });

  it('is met by the next run once it is there', async () => {
    const { fixture } = project;
    const path = fixture.repository('alpha');
    const manifest = known(await fixture.client.getManifest(path, 'latest' as Tag));
    await fixture.client.putManifest(path, 'v9' as Tag, manifest);
    expect(await project.checkout.pulumi(...up())).toMatchObject({ code: 0 });
    expect(await fixture.digest('alpha', 'ci-main')).toBe(manifest.digest);
    const { code } = await project.checkout.images('retention', '--stack', 'sandbox');
    expect(code).toBe(0);
  });
});

/** The retention file with both sources, and what is changed of it. */
function retain(changes: Readonly<Record<string, unknown>>): void {
  const own = { name: 'images', repository: '.', references: [{ catalog: 'config/images.yml' }] };
  const ci = {
    name: 'ci',
    aliasPrefix: 'ci-',
    repository: project.consumer,
    references: [CI_FILES],
  };
  const sources = [own, ci].map((source) => ({ ...source, branches: BRANCHES }));
  project.retain({ dryRun: false, sources, ...changes });
}

async function present(): Promise<unknown> {
  const { stdout } = await project.checkout.pulumi('stack', 'output', '--json');
  return {
    // First, since the repository's size is that of the last look at them.
    images: await project.read(`${REPOSITORY}/dockerImages`),
    repository: await project.read(REPOSITORY),
    outputs: JSON.parse(stdout) as unknown,
  };
}
