import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../git/git-repository.ts';
import { startBranchingProject, type BranchingProject } from '../support/branching-project.ts';
import { REPOSITORY } from '../support/declared-registry.ts';
import { expectPlainFailure, succeeded } from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

const BOTH = { 'tests/a.yml': 'image: alpha\n', 'tests/b.yml': 'image: beta\n' };
const ALPHA = { 'tests/a.yml': 'image: alpha\n', 'tests/b.yml': 'nothing\n' };

let project: BranchingProject;

beforeAll(async () => {
  project = await startBranchingProject(['alpha', 'beta']);
  project.push('main', BOTH);
  project.push('release-1.0', BOTH);
  retain();
  expect(await project.checkout.pulumi(...up())).toMatchObject({ code: 0 });
});

afterAll(() => project.close());

describe('a branch', () => {
  it('that moves is recorded, and no change', async () => {
    project.push('main', { ...BOTH, README: 'more\n' });
    expect(await project.checkout.pulumi(...up('--expect-no-changes'))).toMatchObject({ code: 0 });
    const { stdout } = await project.checkout.pulumi('stack', 'export');
    expect(stdout).toContain(commit());
  });

  it('that needs much less stops the run before anything changes', async () => {
    const before = await project.read(REPOSITORY);
    const known = commit();
    project.push('main', ALPHA);
    const line = `accept: ["${known.slice(0, 12)}"]`;
    expectPlainFailure(
      await project.checkout.pulumi(...up()),
      /referenced-versions' has a problem: BRANCH_NEEDS_LESS {2}ci main at [0-9a-f]{12} lost 1 of 2 images \(beta\)/,
      line,
    );
    expect(await project.read(REPOSITORY)).toEqual(before);
    const note = await firstScreen();
    for (const text of ['lost 1 of 2 images', line]) expect(unescaped(note)).toContain(text);
    retain([known]);
    expect(await firstScreen()).toContain('⚠ ci main lost 1 of 2 images');
    expect(await project.checkout.pulumi(...up())).toMatchObject({ code: 0 });
    // The line stays, and accepts nothing else.
    project.push('main', { 'tests/a.yml': 'image: gamma\n' });
    expectPlainFailure(await project.checkout.pulumi(...up()), 'BRANCH_NEEDS_LESS');
    project.push('main', ALPHA);
  });

  it('that enters or leaves is news', async () => {
    project.push('release-1.1', BOTH);
    const news = ['ci release-1.1 is supported from now on', 'ci release-1.0 leaves: its tags'];
    const note = unescaped(await firstScreen());
    const look = ['--refresh', '--run-program', '--diff', '--suppress-outputs', '--color', 'never'];
    const drift = await project.checkout.pulumi('preview', '--non-interactive', ...look);
    const { code, output } = await project.checkout.pulumi(...up('--suppress-progress'));
    expect(code, output).toBe(0);
    for (const text of [note, drift.output, output])
      for (const line of news) expect(text).toContain(line);
    expect(await project.checkout.pulumi(...up('--expect-no-changes'))).toMatchObject({ code: 0 });
  });
});

it('a pin of a branch that is gone is a warning, and a misspelled one stops the run', async () => {
  project.push('feature', BOTH);
  retain([], { 'release-1.1': { alpha: 'latest' }, feature: { alpha: 'latest' } });
  expect(await project.checkout.pulumi(...up())).toMatchObject({ code: 0 });
  git(project.consumer, ['update-ref', '-d', 'refs/heads/feature']);
  const output = await succeeded(project.checkout.pulumi(...up()));
  expect(output).toMatch(
    /warning: ci: config\/retention.yml:\d+:\d+: there is no branch "feature"/,
  );
  retain([], { 'release-1.2': { alpha: 'latest' } });
  expectPlainFailure(
    await project.checkout.pulumi(...up()),
    /UNKNOWN_PIN {2}config\/retention.yml:\d+:\d+: there is no branch "release-1\.2" to pin; did you mean release-1\.0\?/,
  );
});

/** The first lines of the note on a merge request. */
async function firstScreen(): Promise<string> {
  const { checkout } = project;
  const { stdout } = await checkout.pulumi('preview', '--json', '--non-interactive');
  checkout.write('.preview/preview.json', stdout);
  const summary = await checkout.images('summary', '--preview', '.preview/preview.json');
  expect(summary.code, summary.output).toBe(0);
  return summary.stdout.split('\n').slice(0, 12).join('\n');
}

function unescaped(markdown: string): string {
  return markdown.replaceAll('\\', '');
}

/** The newest commit of the other repository's main. */
function commit(): string {
  return git(project.consumer, ['rev-parse', 'main']);
}

function retain(accept: readonly string[] = [], pins: object = {}): void {
  const source = {
    name: 'ci',
    aliasPrefix: 'ci-',
    repository: project.consumer,
    branches: { default: 'main', releases: 'release-*', newest: 1 },
    references: [{ files: ['tests/*.yml'], pattern: 'image: (?<image>[a-z]+)' }],
    accept,
    pins,
  };
  project.retain({ dryRun: false, sources: [source] });
}
